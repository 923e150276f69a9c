// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "collector/registers/cell.hpp"
#include "collector/registers/constraints.hpp"
#include "collector/registers/csv.hpp"
#include "collector/registers/register_file.hpp"
#include "collector/registers/register_view.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

struct Row {
    std::size_t number = 0;
    std::string id;
    Record data;
};

std::string hash_of(const Record& data) { return to_hex(sha256(bytes_of(write_json(data)))); }

bool same_value(const Value* before, const Value* after) {
    return before == nullptr || after == nullptr ? before == after : *before == *after;
}

std::string written(const Value* value) { return value == nullptr ? std::string() : write_cell(*value); }

// `Staff ID` is how a spreadsheet's author writes staff_id.
std::string plain_name(std::string_view name) {
    std::string plain(name);
    std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) {
        return c == ' ' || c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return plain;
}

class Import {
public:
    Import(Database& database, const Register& table, const Change& change, const ImportOptions& options)
        : database_(database),
          table_(table),
          change_(change),
          options_(options),
          since_(change.valid_from.value_or(change.now)),
          before_(database, change.now),
          before_since_(database, change.now, since_),
          after_(database, change.now) {}

    Result<ImportOutcome> run(std::string_view csv) {
        for (const Register& each : all_registers())
            if (auto done = after_.load(each.name); !done)
                return done.error();
        for (RegisterView* view : {&before_, &before_since_})
            if (auto done = view->load(table_.name); !done)
                return done.error();
        read(csv);
        check();
        std::stable_sort(outcome_.faults.begin(), outcome_.faults.end(),
                         [](const CellFault& a, const CellFault& b) { return a.row < b.row; });
        const bool taken = outcome_.faults.empty() || options_.good_rows;
        for (const Row& row : rows_)
            if (!faulty_.contains(row.number) && (taken || options_.preview))
                note_change(row);
        if (options_.preview || !taken)
            return std::move(outcome_);
        for (const Row& row : rows_)
            if (!faulty_.contains(row.number))
                if (auto done = record(row); !done)
                    return done.error();
        outcome_.written = true;
        return std::move(outcome_);
    }

private:
    void fault(std::size_t row, std::string_view column, std::string reason) {
        outcome_.faults.push_back({row, std::string(column), std::move(reason)});
        faulty_.insert(row);
    }

    void read(std::string_view csv) {
        auto read = read_csv(csv);
        if (const auto* broken = std::get_if<CsvFault>(&read))
            return fault(broken->record, broken->field ? std::to_string(*broken->field) : "", broken->reason);
        auto& table = std::get<CsvTable>(read);
        if (!read_header(table.header))
            return;
        for (std::size_t i = 0; i < table.records.size(); ++i)
            read_row(i + 2, table.records[i]);
    }

    bool read_header(const CsvRecord& header) {
        std::set<std::string_view> seen;
        for (const std::string& name : header) {
            const auto mapped = options_.columns.find(name);
            if (mapped != options_.columns.end() && mapped->second.empty()) {
                in_file_.push_back(nullptr);
                continue;
            }
            const Column* column = mapped != options_.columns.end() ? table_.find(mapped->second) : table_.find(name);
            if (column == nullptr && mapped == options_.columns.end())
                column = table_.find(plain_name(name));
            if (column == nullptr)
                fault(1, name, "is no column of the register " + std::string(table_.name));
            else if (!seen.insert(column->name).second)
                fault(1, name, "stands twice");
            else
                in_file_.push_back(column);
        }
        for (const auto& [name, column] : options_.columns)
            if (std::find(header.begin(), header.end(), name) == header.end())
                fault(1, name, "is to be mapped, and is not in the file");
        if (!seen.contains(table_.id_column().name))
            fault(1, table_.id_column().name, "is missing");
        return outcome_.faults.empty();
    }

    void read_row(std::size_t number, const CsvRecord& cells) {
        std::map<std::string_view, std::string_view> texts;
        for (std::size_t i = 0; i < cells.size(); ++i)
            if (in_file_[i] != nullptr)
                texts.emplace(in_file_[i]->name, unguard_formula(cells[i]));
        Row row;
        row.number = number;
        row.id = texts.at(table_.id_column().name);
        const Record* known = before_.find(table_.name, row.id);
        for (const Column& column : table_.columns) {
            const auto text = texts.find(column.name);
            if (text == texts.end() && known != nullptr && known->contains(column.name))
                row.data.append(std::string(column.name), *known->find(column.name));
            else
                read_field(row, column, text == texts.end() ? std::string_view() : text->second);
        }
        if (!row.id.empty() && !ids_.insert(row.id).second)
            fault(number, table_.id_column().name, "'" + row.id + "' stands in this file twice");
        for (auto& forced : complete_entry(table_, row.data, after_))
            outcome_.notes.push_back({number, std::move(forced.column), std::move(forced.reason)});
        rows_.push_back(std::move(row));
    }

    void read_field(Row& row, const Column& column, std::string_view text) {
        if (text.empty())
            text = column.fallback;
        if (text.empty()) {
            if (column.required)
                fault(row.number, column.name, "is required");
            return;
        }
        auto value = read_cell(column, text);
        if (value)
            row.data.append(std::string(column.name), std::move(*value));
        else
            fault(row.number, column.name, value.error().message());
    }

    // With every row of the file in place, so that rows may refer to each other. Where only the good ones are taken, the
    // others are taken out again, until nothing refers to what is not there.
    void check() {
        for (const Row& row : rows_)
            after_.lay_over(table_.name, row.id, row.data);
        std::set<std::pair<std::size_t, std::string>> blamed;
        for (const CellFault& known : outcome_.faults)
            blamed.emplace(known.row, known.column);
        for (bool again = true; again;) {
            const std::size_t before = faulty_.size();
            if (options_.good_rows)
                take_out_faulty();
            for (const Row& row : rows_)
                for (auto& broken : check_entry(table_, row.id, row.data, after_, change_.ori))
                    if (blamed.emplace(row.number, broken.column).second)  // one fault a cell is enough
                        fault(row.number, broken.column, std::move(broken.reason));
            again = options_.good_rows && faulty_.size() > before;
        }
    }

    void take_out_faulty() {
        for (const Row& row : rows_) {
            if (!faulty_.contains(row.number))
                continue;
            after_.take_out(table_.name, row.id);
            if (const Record* known = before_.find(table_.name, row.id))
                after_.lay_over(table_.name, row.id, *known);
        }
        for (const Row& row : rows_)  // a faulty row may bear a good one's id
            if (!faulty_.contains(row.number))
                after_.lay_over(table_.name, row.id, row.data);
    }

    [[nodiscard]] bool is_unchanged(const Row& row) const {
        for (const RegisterView* view : {&before_, &before_since_}) {
            const Record* known = view->find(table_.name, row.id);
            if (known == nullptr || !same(*known, row.data))
                return false;
        }
        return true;
    }

    void note_change(const Row& row) {
        if (is_unchanged(row)) {
            ++outcome_.unchanged;
            return;
        }
        const Record* known = before_.find(table_.name, row.id);
        ++(known == nullptr ? outcome_.added : outcome_.changed);
        RowChange change{row.number, row.id, known == nullptr, {}};
        for (const Column& column : table_.columns) {
            const Value* before = known == nullptr ? nullptr : known->find(column.name);
            const Value* after = row.data.find(column.name);
            if (!same_value(before, after))
                change.cells.push_back({std::string(column.name), written(before), written(after)});
        }
        outcome_.changes.push_back(std::move(change));
    }

    Result<void> record(const Row& row) {
        if (is_unchanged(row))
            return {};
        const Record* known = before_.find(table_.name, row.id);
        store::RegisterEntry entry;
        entry.ori = change_.ori;
        entry.register_name = table_.name;
        entry.id = row.id;
        entry.valid_from = since_;
        entry.recorded_at = change_.now;
        entry.changed_by = change_.actor;
        entry.change_reason = change_.reason;
        entry.data = row.data;
        if (auto done = store::record_entry(database_, entry); !done)
            return done;
        return store::append_audit(database_, audit_of(row, known), change_.now);
    }

    [[nodiscard]] bool same(const Record& known, const Record& data) const {
        return std::all_of(table_.columns.begin(), table_.columns.end(), [&](const Column& column) {
            return same_value(known.find(column.name), data.find(column.name));
        });
    }

    // Names the columns that changed, never what stands in them.
    [[nodiscard]] store::AuditEntry audit_of(const Row& row, const Record* known) const {
        List columns;
        for (const Column& column : table_.columns) {
            if (!same_value(known == nullptr ? nullptr : known->find(column.name), row.data.find(column.name)))
                columns.emplace_back(column.name);
        }
        store::AuditEntry entry;
        entry.actor = change_.actor;
        entry.actor_role = change_.actor_role;
        entry.action = table_.change_event;
        entry.object_type = table_.name;
        entry.object_id = row.id;
        Record detail{{"columns", columns}, {"reason", change_.reason}};
        if (change_.valid_from)
            detail.set("valid_from", format_time(*change_.valid_from));
        entry.detail = write_json(detail);
        if (known != nullptr)
            entry.before_hash = hash_of(*known);
        entry.after_hash = hash_of(row.data);
        return entry;
    }

    Database& database_;
    const Register& table_;
    const Change& change_;
    const ImportOptions& options_;
    const WallTime since_;
    RegisterView before_, before_since_, after_;
    std::vector<const Column*> in_file_;
    std::set<std::string> ids_;
    std::set<std::size_t> faulty_;  // rows
    std::vector<Row> rows_;
    ImportOutcome outcome_;
};

}  // namespace

std::string CellFault::text() const {
    return "row " + std::to_string(row) + (column.empty() ? "" : ", column " + column) + ": " + reason;
}

Result<ImportOutcome> import_register(Database& database, const Register& table, std::string_view csv,
                                      const Change& change, const ImportOptions& options) {
    if (table.written_by_enrolment)
        return Error(Errc::refused, "import " + std::string(table.name) + ": its entries come from enrolment alone");
    if (change.valid_from && *change.valid_from > change.now)
        return Error(Errc::bad_input, "import " + std::string(table.name) + ": an entry cannot hold from a time to come");
    auto outcome = Import(database, table, change, options).run(csv);
    if (!outcome)
        return outcome.error().within("import " + std::string(table.name));
    return outcome;
}

}  // namespace sallyport::registers
