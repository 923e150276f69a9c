// SPDX-License-Identifier: Apache-2.0
#include "collector/api/register_handlers.hpp"

#include <algorithm>
#include <initializer_list>

#include "collector/registers/authorisation.hpp"
#include "collector/registers/privacy.hpp"
#include "collector/registers/register_entries.hpp"
#include "collector/store/records.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

using registers::Column;
using registers::Register;

constexpr std::size_t kEntriesShown = 500;
constexpr std::size_t kEntriesMax = 5000;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// Dictionary, section 15: the PSD resolves names and reads no other register; the administrator reads nothing of people.
bool may_read(const Register& table, Role role) {
    switch (role) {
        case kSpoc:
        case kAcc:
        case kAuditor:
            return true;
        case kPsd:
            return table.name == "operators";
        case kAdministrator:
            return !is_one_of(table.name, {"operators", "staff_roles", "agreements", "windows", "exceptions",
                                           "maintenance_log"});
        default:
            return false;
    }
}

bool is_about_people(const Column& column) {
    return column.refers_to == "operators" ||
           is_one_of(column.name, {"custody_note", "performed_by", "shared_accounts"});
}

// What one answer shows: names with a purpose alone, and to the PSD confidential columns a record at a time.
struct Sight {
    Role role = kNobody;
    bool names = false, confidential = false;

    [[nodiscard]] bool shows(const Register& table, const Column& column) const {
        const auto privacy = registers::privacy_of(table, column.name);
        if (privacy == registers::Privacy::name) return names;
        if (privacy == registers::Privacy::personnel) return confidential;
        return role != kAdministrator || !is_about_people(column);
    }
};

Result<WallTime> time_in(const Request& request, const std::string& name, WallTime fallback) {
    const auto given = request.query.find(name);
    if (given == request.query.end()) return fallback;
    auto time = parse_time(given->second);
    if (!time) return Error(Errc::bad_input, "query: '" + name + "' must be a time such as 2026-11-23T18:04:05.12Z");
    return *time;
}

// The register named in the path, if the asker may read it; a refusal is logged.
Result<const Register*> register_of(const Request& request, Context& context,
                                    std::initializer_list<std::string_view> parameters) {
    const Register* table = registers::find_register(request.id);
    if (table == nullptr) return Error(Errc::not_found, "There is no register '" + request.id + "'.");
    if (!may_read(*table, context.role)) {
        if (auto logged = log_act(context, request, "access.refused", "registers", request.id, false); !logged)
            return logged.error();
        return Error(Errc::refused, "Your role does not read this register.");
    }
    for (const auto& [name, value] : request.query)
        if (!is_one_of(name, parameters))
            return Error(Errc::bad_input, "query: '" + name + "' is no parameter of this page");
    return table;
}

// Logged before it is answered: what is not logged is not shown.
Result<Sight> sight_of(const Request& request, Context& context, const Register& table, std::string_view id) {
    Sight sight{context.role, false, false};
    const auto purpose = request.query.find("purpose");
    if (purpose == request.query.end()) return sight;
    if (!is_purpose(purpose->second))
        return Error(Errc::bad_input, "query: 'purpose' has no value '" + purpose->second + "'");
    if (table.name != "operators" || (context.role != kAcc && context.role != kPsd))
        return Error(Errc::refused, "Names are shown to the ACC and the PSD alone.");
    if (auto logged = log_act(context, request, "register.read", table.name, id.empty() ? "*" : id, true,
                              purpose->second);
        !logged)
        return logged.error();
    sight.names = true;
    sight.confidential = context.role == kAcc || !id.empty();
    return sight;
}

Record view_of(const Register& table, const store::RegisterEntry& entry, const Sight& sight, WallTime as_of) {
    Record data;
    for (const Column& column : table.columns)
        if (const Value* value = entry.data.find(column.name); value != nullptr && sight.shows(table, column))
            data.append(std::string(column.name), *value);
    Record view{{"id", entry.id},
                {"version", entry.version},
                {"valid_from", format_time(entry.valid_from)},
                {"valid_to", store::time_or_null(entry.valid_to)},
                {"recorded_at", format_time(entry.recorded_at)},
                {"replaced_at", store::time_or_null(entry.replaced_at)},
                {"changed_by", entry.changed_by},
                {"change_reason", entry.change_reason},
                {"data", std::move(data)}};
    if (table.name == "operators") {
        const auto authorisation = registers::authorisation_of(entry.data, registers::county_day(as_of));
        view.set("authorisation", to_string(authorisation));
        view.set("reasons", List(authorisation.reasons.begin(), authorisation.reasons.end()));
    }
    return view;
}

}  // namespace

Response list_registers(const Request&, Context& context) {
    List views;
    for (const Register& table : registers::all_registers()) {
        if (!may_read(table, context.role)) continue;
        List columns;
        const Sight most{context.role, context.role == kAcc || context.role == kPsd,
                         context.role == kAcc || context.role == kPsd};
        for (const Column& column : table.columns)
            if (most.shows(table, column))
                columns.emplace_back(Record{{"name", column.name},
                                            {"required", column.required},
                                            {"choices", List(column.choices.begin(), column.choices.end())},
                                            {"refers_to", column.refers_to.empty() ? Value() : Value(column.refers_to)}});
        views.emplace_back(Record{{"register", table.name}, {"columns", std::move(columns)}});
    }
    return json_response({{"registers", std::move(views)}});
}

Response list_register(const Request& request, Context& context) {
    auto table = register_of(request, context, {"as_of", "known_at", "purpose", "after", "limit"});
    if (!table) return error_response(table.error());
    const WallTime now = context.services.clock.now();
    auto as_of = time_in(request, "as_of", now), known_at = time_in(request, "known_at", now);
    if (!as_of || !known_at) return error_response((as_of ? known_at : as_of).error());
    auto limit = read_limit(request, kEntriesShown, kEntriesMax);
    if (!limit) return error_response(limit.error());
    auto sight = sight_of(request, context, **table, {});
    if (!sight) return error_response(sight.error());
    auto entries = registers::entries_of(context.reader, **table, *as_of, *known_at);
    if (!entries) return error_response(entries.error());
    const auto after = request.query.find("after");
    List views;
    Value next;
    for (const auto& entry : *entries) {
        if (after != request.query.end() && entry.id <= after->second) continue;
        if (views.size() == *limit) {
            next = text_of(*views.back().as<Record>(), "id");
            break;
        }
        views.emplace_back(view_of(**table, entry, *sight, *as_of));
    }
    return json_response({{"register", (*table)->name},
                          {"as_of", format_time(*as_of)},
                          {"known_at", format_time(*known_at)},
                          {"entries", std::move(views)},
                          {"next", std::move(next)}});
}

Response show_register_entry(const Request& request, Context& context) {
    auto table = register_of(request, context, {"id", "purpose"});
    if (!table) return error_response(table.error());
    const auto id = request.query.find("id");
    if (id == request.query.end()) return error_response(400, "bad_input", "query: 'id' is needed");
    auto versions = registers::versions_of(context.reader, **table, id->second);
    if (!versions) return error_response(versions.error());
    if (versions->empty())
        return error_response(404, "not_found", "'" + id->second + "' was never in this register.");
    auto sight = sight_of(request, context, **table, id->second);
    if (!sight) return error_response(sight.error());
    const WallTime now = context.services.clock.now();
    List history;
    Value current;
    for (const auto& version : *versions) {
        Record view = view_of(**table, version, *sight, now);
        if (version.holds(now, now)) current = view;
        history.emplace_back(std::move(view));
    }
    return json_response({{"register", (*table)->name}, {"entry", std::move(current)}, {"history", std::move(history)}});
}

}  // namespace sallyport::api
