// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/pack_index.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "protocol/json.hpp"

namespace sallyport::audit {
namespace {

std::vector<std::string> words_of(std::string_view text, std::string_view separator) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + separator.size(), text.size()));
    }
    return words;
}

Error no_such(const Where& where, std::string_view what) {
    return Error(Errc::internal, "audit pack: a question names " + std::string(what) + " of " +
                                     std::string(where.file) + ", which is not there");
}

Result<FoundRows> find_rows(const Where& where, const std::vector<AuditTable>& tables) {
    const auto table =
        std::find_if(tables.begin(), tables.end(), [&](const AuditTable& one) { return one.file == where.file; });
    if (table == tables.end()) return no_such(where, "the rows");
    for (const std::string& column : words_of(where.columns, ", "))
        if (!table->column(column)) return no_such(where, "column " + column);
    FoundRows found{&where, {}};
    std::optional<std::size_t> filter;
    if (!where.only_column.empty() && !(filter = table->column(where.only_column)))
        return no_such(where, "column " + std::string(where.only_column));
    const auto values = words_of(where.only_values, " ");
    for (std::size_t row = 0; row < table->rows.records.size(); ++row)
        if (!filter || std::find(values.begin(), values.end(), table->rows.records[row][*filter]) != values.end())
            found.rows.push_back(row + 2);
    return found;
}

Result<std::vector<FoundRows>> find_all(std::span<const Where> wheres, const std::vector<AuditTable>& tables) {
    std::vector<FoundRows> all;
    for (const Where& where : wheres) {
        auto found = find_rows(where, tables);
        if (!found) return found.error();
        all.push_back(std::move(*found));
    }
    return all;
}

std::string in_words(const FoundRows& found) {
    std::string text = "[" + std::string(found.where->file) + "](" + std::string(found.where->file) + ") ";
    text += found.rows.empty() ? "no row" : "row " + row_ranges(found.rows);
    return text + " (" + std::string(found.where->columns) + ")";
}

std::string in_words(const std::vector<FoundRows>& all) {
    std::string text;
    for (const FoundRows& found : all)
        text += (text.empty() ? "" : "<br>") + in_words(found);
    return text;
}

List as_json(const std::vector<FoundRows>& all) {
    List list;
    for (const FoundRows& found : all)
        list.emplace_back(Record{{"file", found.where->file},
                                 {"columns", found.where->columns},
                                 {"rows", row_ranges(found.rows)},
                                 {"count", static_cast<std::int64_t>(found.rows.size())}});
    return list;
}

}  // namespace

std::size_t IndexEntry::exception_count() const {
    std::size_t count = 0;
    for (const FoundRows& found : exceptions)
        count += found.rows.size();
    return count;
}

std::string row_ranges(const std::vector<std::size_t>& rows) {
    std::string text;
    for (std::size_t first = 0; first < rows.size();) {
        std::size_t last = first;
        while (last + 1 < rows.size() && rows[last + 1] == rows[last] + 1)
            ++last;
        text += (text.empty() ? "" : ", ") + std::to_string(rows[first]) +
                (last > first ? "-" + std::to_string(rows[last]) : "");
        first = last + 1;
    }
    return text;
}

Result<std::vector<IndexEntry>> index_of(const std::vector<AuditTable>& tables) {
    std::vector<IndexEntry> entries;
    for (const Question& question : audit_questions()) {
        auto answer = find_all(question.answer, tables);
        if (!answer) return answer.error();
        auto exceptions = find_all(question.exceptions, tables);
        if (!exceptions) return exceptions.error();
        entries.push_back({&question, std::move(*answer), std::move(*exceptions)});
    }
    return entries;
}

std::string index_page(const IndexHead& head, const std::vector<IndexEntry>& entries,
                       const std::vector<AuditTable>& tables) {
    std::ostringstream page;
    page << "# Audit pack of " << head.ori << ", " << head.period << "\n\n"
         << "From " << head.first_day << " to " << head.last_day
         << ", both within, by the county's calendar; registers as they held at the end, as known at " << head.known_at
         << ". Row 1 of a file is its header. People are operator_refs: no file has a name, a clearance's date or "
            "result, or "
         << "anything of the PSD's cases. `manifest.json` has the hash of each file.\n\n"
         << "| clause | question | answer | exceptions |\n| --- | --- | --- | --- |\n";
    for (const IndexEntry& entry : entries) {
        page << "| " << entry.question->clause << " | " << entry.question->asks << " | ";
        if (!entry.is_served())
            page << "**not served**: " << entry.question->not_served << " | |\n";
        else
            page << in_words(entry.answer) << " | "
                 << (entry.exceptions.empty()       ? ""
                     : entry.exception_count() == 0 ? "none"
                                                    : in_words(entry.exceptions))
                 << " |\n";
    }
    page << "\n## Files\n\n| file | rows | what a row is |\n| --- | --- | --- |\n";
    for (const AuditTable& table : tables)
        page << "| [" << table.file << "](" << table.file << ") | " << table.rows.records.size() << " | " << table.about
             << " |\n";
    return page.str();
}

std::string index_json(const IndexHead& head, const std::vector<IndexEntry>& entries) {
    List questions;
    for (const IndexEntry& entry : entries) {
        Record one{{"clause", entry.question->clause}, {"asks", entry.question->asks}, {"served", entry.is_served()}};
        if (entry.is_served())
            one.set("answer", as_json(entry.answer)).set("exceptions", as_json(entry.exceptions));
        else
            one.set("reason", entry.question->not_served);
        questions.emplace_back(std::move(one));
    }
    return write_json(Record{{"agency", head.ori},
                             {"period", head.period},
                             {"first_day", head.first_day},
                             {"last_day", head.last_day},
                             {"known_at", head.known_at},
                             {"questions", std::move(questions)}}) +
           "\n";
}

}  // namespace sallyport::audit
