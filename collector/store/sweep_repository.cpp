// SPDX-License-Identifier: Apache-2.0
#include "collector/store/sweep_repository.hpp"

#include <algorithm>

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::size_t kPage = 2000;
constexpr std::string_view kUse[] = {"session.logon", "session.unlock", "print.job"};

}  // namespace

Result<std::optional<RegisterSweep>> latest_sweep(Database& database, std::string_view day) {
    auto query = database.prepare("SELECT day, started_at, session_cursor, written, total FROM register_sweep "
                                  "WHERE day <= ? ORDER BY day DESC LIMIT 1");
    if (!query)
        return query.error().within("store: register_sweep");
    auto row = query->bind(1, day).step();
    if (!row)
        return row.error().within("store: register_sweep");
    if (!*row)
        return std::optional<RegisterSweep>();
    return std::optional(RegisterSweep{query->text(0), wall_time(query->integer(1)), query->integer(2), query->integer(3),
                                       query->integer(4)});
}

Result<void> save_sweep(Database& database, const RegisterSweep& sweep, std::int64_t expected_written) {
    auto known = latest_sweep(database, sweep.day);
    if (!known)
        return known.error();
    const bool there = *known && (*known)->day == sweep.day;
    if ((there ? (*known)->written : 0) != expected_written)
        return Error(Errc::conflict, "store: register_sweep: another has written lines of " + sweep.day);
    auto statement = database.prepare(
        "INSERT INTO register_sweep (day, started_at, session_cursor, written, total) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (day) DO UPDATE SET written = excluded.written, total = excluded.total");
    if (!statement)
        return statement.error().within("store: register_sweep");
    return statement->bind(1, sweep.day)
        .bind(2, milliseconds(sweep.started_at))
        .bind(3, sweep.session_cursor)
        .bind(4, sweep.written)
        .bind(5, sweep.total)
        .run();
}

Result<std::map<std::string, WallTime>> all_operator_use(Database& database) {
    auto query = database.prepare("SELECT operator_ref, last_session_at FROM operator_use");
    if (!query)
        return query.error().within("store: operator_use");
    std::map<std::string, WallTime> use;
    for (;;) {
        auto more = query->step();
        if (!more)
            return more.error().within("store: operator_use");
        if (!*more)
            return use;
        use.emplace(query->text(0), wall_time(query->integer(1)));
    }
}

Result<void> save_operator_use(Database& database, const std::map<std::string, WallTime>& use) {
    auto statement = database.prepare("INSERT INTO operator_use (operator_ref, last_session_at) VALUES (?, ?) "
                                      "ON CONFLICT (operator_ref) DO UPDATE SET last_session_at = "
                                      "max(last_session_at, excluded.last_session_at)");
    if (!statement)
        return statement.error().within("store: operator_use");
    for (const auto& [person, at] : use)
        if (auto done = statement->bind(1, person).bind(2, milliseconds(at)).run(); !done)
            return done.error().within("store: operator_use");
    return {};
}

Result<PrintedPages> all_printed_pages(Database& database) {
    auto query = database.prepare("SELECT operator_ref, day, pages FROM operator_print");
    if (!query)
        return query.error().within("store: operator_print");
    PrintedPages pages;
    for (;;) {
        auto more = query->step();
        if (!more)
            return more.error().within("store: operator_print");
        if (!*more)
            return pages;
        pages[query->text(0)].emplace(query->text(1), query->integer(2));
    }
}

Result<void> add_printed_pages(Database& database, const PrintedPages& pages, std::string_view first_day) {
    auto add = database.prepare("INSERT INTO operator_print (operator_ref, day, pages) VALUES (?, ?, ?) "
                                "ON CONFLICT (operator_ref, day) DO UPDATE SET pages = pages + excluded.pages");
    if (!add)
        return add.error().within("store: operator_print");
    for (const auto& [person, days] : pages)
        for (const auto& [day, count] : days)
            if (auto done = add->bind(1, person).bind(2, day).bind(3, count).run(); !done)
                return done.error().within("store: operator_print");
    auto forget = database.prepare("DELETE FROM operator_print WHERE day < ?");
    if (!forget)
        return forget.error().within("store: operator_print");
    return forget->bind(1, first_day).run();
}

Result<void> each_use_event(Database& database, std::int64_t& cursor,
                                const std::function<void(const StoredEvent&)>& visit) {
    for (;;) {
        auto events = read_events_after(database, cursor, kPage);
        if (!events)
            return events.error();
        if (events->empty())
            return {};
        for (const StoredEvent& event : *events)
            if (event.line && std::find(std::begin(kUse), std::end(kUse), event.type) != std::end(kUse))
                visit(event);
        cursor = events->back().ingest_id;
    }
}

}  // namespace sallyport::store
