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

namespace sallyport::registers {
namespace {

struct Row {
    std::size_t number = 0;
    std::string id;
    Record data;
};

std::string hash_of(const Record& data) { return to_hex(sha256(bytes_of(write_json(data)))); }

class Import {
public:
    Import(Database& database, const Register& table, const Change& change)
        : database_(database), table_(table), change_(change), before_(database, change.now), after_(database, change.now) {}

    Result<ImportOutcome> run(std::string_view csv) {
        for (const Register& each : all_registers())
            if (auto done = after_.load(each.name); !done)
                return done.error();
        if (auto done = before_.load(table_.name); !done)
            return done.error();
        read(csv);
        check();
        if (!outcome_.faults.empty()) {
            std::stable_sort(outcome_.faults.begin(), outcome_.faults.end(),
                             [](const CellFault& a, const CellFault& b) { return a.row < b.row; });
            return std::move(outcome_);
        }
        for (const Row& row : rows_)
            if (auto done = record(row); !done)
                return done.error();
        return std::move(outcome_);
    }

private:
    void fault(std::size_t row, std::string_view column, std::string reason) {
        outcome_.faults.push_back({row, std::string(column), std::move(reason)});
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
            const Column* column = table_.find(name);
            if (column == nullptr)
                fault(1, name, "is no column of the register " + std::string(table_.name));
            else if (!seen.insert(column->name).second)
                fault(1, name, "stands twice");
            else
                in_file_.push_back(column);
        }
        if (!seen.contains(table_.id_column().name))
            fault(1, table_.id_column().name, "is missing");
        return outcome_.faults.empty();
    }

    void read_row(std::size_t number, const CsvRecord& cells) {
        std::map<std::string_view, std::string_view> texts;
        for (std::size_t i = 0; i < cells.size(); ++i)
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

    // With every row of the file in place, so that rows may refer to each other.
    void check() {
        for (const Row& row : rows_)
            after_.lay_over(table_.name, row.id, row.data);
        std::set<std::pair<std::size_t, std::string>> blamed;
        for (const CellFault& known : outcome_.faults)
            blamed.emplace(known.row, known.column);
        for (const Row& row : rows_)
            for (auto& broken : check_entry(table_, row.id, row.data, after_, change_.ori))
                if (!blamed.contains({row.number, broken.column}))  // one fault a cell is enough
                    fault(row.number, broken.column, std::move(broken.reason));
    }

    Result<void> record(const Row& row) {
        const Record* known = before_.find(table_.name, row.id);
        if (known != nullptr && same(*known, row.data)) {
            ++outcome_.unchanged;
            return {};
        }
        ++(known == nullptr ? outcome_.added : outcome_.changed);
        store::RegisterEntry entry;
        entry.ori = change_.ori;
        entry.register_name = table_.name;
        entry.id = row.id;
        entry.valid_from = change_.now;
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
            const Value* before = known.find(column.name);
            const Value* after = data.find(column.name);
            return before == nullptr || after == nullptr ? before == after : *before == *after;
        });
    }

    // Names the columns that changed, never what stands in them.
    [[nodiscard]] store::AuditEntry audit_of(const Row& row, const Record* known) const {
        List columns;
        for (const Column& column : table_.columns) {
            const Value* before = known == nullptr ? nullptr : known->find(column.name);
            const Value* after = row.data.find(column.name);
            if (before == nullptr || after == nullptr ? before != after : !(*before == *after))
                columns.emplace_back(column.name);
        }
        store::AuditEntry entry;
        entry.actor = change_.actor;
        entry.actor_role = change_.actor_role;
        entry.action = table_.change_event;
        entry.object_type = table_.name;
        entry.object_id = row.id;
        entry.detail = write_json(Record{{"columns", columns}, {"reason", change_.reason}});
        if (known != nullptr)
            entry.before_hash = hash_of(*known);
        entry.after_hash = hash_of(row.data);
        return entry;
    }

    Database& database_;
    const Register& table_;
    const Change& change_;
    RegisterView before_, after_;
    std::vector<const Column*> in_file_;
    std::set<std::string> ids_;
    std::vector<Row> rows_;
    ImportOutcome outcome_;
};

}  // namespace

std::string CellFault::text() const {
    return "row " + std::to_string(row) + (column.empty() ? "" : ", column " + column) + ": " + reason;
}

Result<ImportOutcome> import_register(Database& database, const Register& table, std::string_view csv,
                                      const Change& change) {
    auto outcome = Import(database, table, change).run(csv);
    if (!outcome)
        return outcome.error().within("import " + std::string(table.name));
    return outcome;
}

}  // namespace sallyport::registers
