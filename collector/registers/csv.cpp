// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/csv.hpp"

namespace sallyport::registers {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Reader {
public:
    Reader(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {}

    std::variant<CsvTable, CsvFault> read() {
        if (text_.size() > limits_.bytes_max)
            return CsvFault{1, std::nullopt, "the file is larger than " + std::to_string(limits_.bytes_max) + " bytes"};
        if (text_.starts_with(kByteOrderMark))
            text_.remove_prefix(kByteOrderMark.size());
        if (text_.empty())
            return CsvFault{1, std::nullopt, "the file is empty"};
        while (at_ < text_.size() && !fault_)
            read_record();
        if (fault_)
            return std::move(*fault_);
        return std::move(table_);
    }

private:
    enum class State { field_start, plain, quoted, quote_in_quoted };

    void read_record() {
        number_ = table_.header.empty() ? 1 : table_.records.size() + 2;
        if (number_ > limits_.records_max)
            return blame_record("more than " + std::to_string(limits_.records_max) + " records");
        record_.clear();
        record_.emplace_back();
        state_ = State::field_start;
        bool ended = false;
        while (!ended && !fault_ && at_ < text_.size())
            ended = take(text_[at_++]);
        if (fault_)
            return;
        if (state_ == State::quoted)
            return blame("the quote is never closed");
        finish_record();
    }

    // True at the end of the record.
    bool take(char c) {
        if (c == '\0')
            return blame("a NUL byte"), false;
        switch (state_) {
            case State::field_start:
                if (c == '"') {
                    state_ = State::quoted;
                    return false;
                }
                state_ = State::plain;
                return take_unquoted(c);
            case State::plain: return take_unquoted(c);
            case State::quoted:
                if (c == '"')
                    state_ = State::quote_in_quoted;
                else
                    append(c);
                return false;
            case State::quote_in_quoted:
                if (c == '"') {
                    append(c);
                    state_ = State::quoted;
                    return false;
                }
                return take_separator(c, "text after the closing quote");
        }
        return false;
    }

    bool take_unquoted(char c) {
        if (c == ',' || c == '\n' || c == '\r')
            return take_separator(c, "");
        if (c == '"')
            return blame("a quote in a field that is not quoted"), false;
        append(c);
        return false;
    }

    bool take_separator(char c, const char* otherwise) {
        if (c == ',') {
            if (record_.size() == limits_.fields_max)
                return blame("more than " + std::to_string(limits_.fields_max) + " fields"), false;
            record_.emplace_back();
            state_ = State::field_start;
            return false;
        }
        if (c == '\n')
            return true;
        if (c != '\r')
            return blame(otherwise), false;
        if (at_ >= text_.size() || text_[at_] != '\n')
            return blame("a carriage return without a line feed"), false;
        ++at_;
        return true;
    }

    void append(char c) {
        if (record_.back().size() == limits_.field_bytes_max)
            return blame("longer than " + std::to_string(limits_.field_bytes_max) + " bytes");
        record_.back().push_back(c);
    }

    void finish_record() {
        if (number_ == 1)
            table_.header = record_;
        else if (record_.size() != table_.header.size())
            blame_record(std::to_string(record_.size()) + " fields, the header has " +
                         std::to_string(table_.header.size()));
        else
            table_.records.push_back(record_);
    }

    void blame(std::string reason) { fault_ = CsvFault{number_, record_.size(), std::move(reason)}; }
    void blame_record(std::string reason) { fault_ = CsvFault{number_, std::nullopt, std::move(reason)}; }

    std::string_view text_;
    const CsvLimits& limits_;
    std::size_t at_ = 0;
    std::size_t number_ = 1;
    State state_ = State::field_start;
    CsvRecord record_;
    CsvTable table_;
    std::optional<CsvFault> fault_;
};

void write_record(std::string& out, const CsvRecord& record) {
    for (std::size_t i = 0; i < record.size(); ++i) {
        if (i > 0)
            out += ',';
        // A record of one empty field would be an empty line, which not every reader takes for a record.
        const bool lone_empty = record.size() == 1 && record[i].empty();
        if (!lone_empty && record[i].find_first_of("\",\r\n") == std::string::npos) {
            out += record[i];
            continue;
        }
        out += '"';
        for (const char c : record[i])
            c == '"' ? out += "\"\"" : out += c;
        out += '"';
    }
    out += "\r\n";
}

// Apostrophes, then a character that starts a formula.
bool looks_like_formula(std::string_view cell) {
    const auto first = cell.find_first_not_of('\'');
    return first != std::string_view::npos && std::string_view("=+-@\t\r").find(cell[first]) != std::string_view::npos;
}

}  // namespace

std::variant<CsvTable, CsvFault> read_csv(std::string_view text, const CsvLimits& limits) {
    return Reader(text, limits).read();
}

std::string write_csv(const CsvTable& table) {
    std::string out;
    write_record(out, table.header);
    for (const CsvRecord& record : table.records)
        write_record(out, record);
    return out;
}

std::string guard_formula(std::string_view cell) {
    return looks_like_formula(cell) ? "'" + std::string(cell) : std::string(cell);
}

std::string_view unguard_formula(std::string_view cell) {
    return cell.starts_with('\'') && looks_like_formula(cell) ? cell.substr(1) : cell;
}

}  // namespace sallyport::registers
