// SPDX-License-Identifier: Apache-2.0
#include "collector/store/event_log.hpp"

#include "collector/store/digest_column.hpp"
#include "collector/store/row_values.hpp"
#include "collector/store/tree_repository.hpp"

namespace sallyport::store {
namespace {

constexpr const char* kColumns =
    "SELECT e.ingest_id, s.ori, s.terminal_id, s.instance, e.seq, e.type, e.event_time, e.received_at, e.leaf, e.line, "
    "e.withheld_reason FROM event e JOIN stream s USING (stream_id) ";

StoredEvent read_row(const Statement& row) {
    StoredEvent event;
    event.ingest_id = row.integer(0);
    event.ori = row.text(1);
    event.terminal_id = row.text(2);
    event.instance = row.text(3);
    event.seq = static_cast<std::uint64_t>(row.integer(4));
    event.type = row.text(5);
    event.event_time = wall_time(row.integer(6));
    event.received_at = wall_time(row.integer(7));
    event.leaf = digest_at(row, 8);
    event.line = row.optional_text(9);
    event.withheld_reason = row.optional_text(10);
    return event;
}

Result<std::vector<StoredEvent>> read_all(Statement& statement) {
    return read_rows(statement, "event log: read", read_row);
}

}  // namespace

Result<std::optional<StreamPosition>> find_stream(Database& database, std::string_view terminal_id,
                                                  std::string_view instance) {
    auto query = database.prepare("SELECT stream_id, last_seq, head FROM stream WHERE terminal_id = ? AND instance = ?");
    if (!query)
        return query.error();
    auto row = query->bind(1, terminal_id).bind(2, instance).step();
    if (!row)
        return row.error();
    if (!*row)
        return std::optional<StreamPosition>();
    return std::optional(StreamPosition{query->integer(0), static_cast<std::uint64_t>(query->integer(1)),
                                        digest_at(*query, 2)});
}

Result<StreamPosition> create_stream(Database& database, std::string_view ori, std::string_view terminal_id,
                                     std::string_view instance, const Digest& genesis, WallTime now) {
    auto insert = database.prepare(
        "INSERT INTO stream (ori, terminal_id, instance, last_seq, head, first_seen) VALUES (?, ?, ?, 0, ?, ?)");
    if (!insert)
        return insert.error();
    auto done = insert->bind(1, ori).bind(2, terminal_id).bind(3, instance).bind_blob(4, genesis)
                    .bind(5, now.time_since_epoch().count()).run();
    if (!done)
        return done.error().within("event log: stream of " + std::string(terminal_id));
    const StreamPosition stream{database.last_insert_rowid(), 0, genesis};
    // An agency's tree of the evidence log begins with its first stream.
    auto tree = find_evidence_tree(database, ori);
    if (!tree)
        return tree.error();
    if (!*tree)
        if (auto begun = begin_evidence_tree(database, ori, std::nullopt, now); !begun)
            return begun.error();
    return stream;
}

Result<std::optional<std::string>> latest_instance(Database& database, std::string_view terminal_id) {
    auto query = database.prepare("SELECT instance FROM stream WHERE terminal_id = ? ORDER BY stream_id DESC LIMIT 1");
    if (!query)
        return query.error();
    auto row = query->bind(1, terminal_id).step();
    if (!row)
        return row.error();
    return *row ? std::optional(query->text(0)) : std::optional<std::string>();
}

Result<std::vector<StreamPosition>> streams_of(Database& database, std::string_view terminal_id) {
    auto query = database.prepare("SELECT stream_id, last_seq, head FROM stream WHERE terminal_id = ? ORDER BY stream_id");
    if (!query)
        return query.error();
    query->bind(1, terminal_id);
    std::vector<StreamPosition> streams;
    for (;;) {
        auto row = query->step();
        if (!row)
            return row.error();
        if (!*row)
            return streams;
        streams.push_back({query->integer(0), static_cast<std::uint64_t>(query->integer(1)), digest_at(*query, 2)});
    }
}

Result<std::optional<Digest>> leaf_at(Database& database, std::int64_t stream_id, std::uint64_t seq) {
    auto query = database.prepare("SELECT leaf FROM event WHERE stream_id = ? AND seq = ?");
    if (!query)
        return query.error();
    auto row = query->bind(1, stream_id).bind(2, seq).step();
    if (!row)
        return row.error();
    return *row ? std::optional(digest_at(*query, 0)) : std::optional<Digest>();
}

Result<EventAppender> EventAppender::open(Database& database) {
    auto batch = database.prepare(
        "INSERT INTO batch (stream_id, first_seq, last_seq, header, received_at) VALUES (?, ?, ?, ?, ?)");
    auto event = database.prepare(
        "INSERT INTO event (stream_id, seq, type, event_time, received_at, batch_id, leaf, line, withheld_reason) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    auto stream = database.prepare("UPDATE stream SET last_seq = ?, head = ? WHERE stream_id = ?");
    for (const auto* statement : {&batch, &event, &stream})
        if (!*statement)
            return statement->error().within("event log");
    return EventAppender(database, std::move(batch).value(), std::move(event).value(), std::move(stream).value());
}

Result<void> EventAppender::append(StreamPosition& stream, const std::optional<std::string>& header,
                                   const std::vector<NewEvent>& events, WallTime received_at) {
    if (events.empty())
        return {};
    const auto received = received_at.time_since_epoch().count();
    std::optional<std::int64_t> batch_id;
    if (header) {
        auto done = batch_.bind(1, stream.stream_id).bind(2, stream.last_seq + 1)
                        .bind(3, stream.last_seq + events.size()).bind(4, *header).bind(5, received).run();
        if (!done)
            return done.error().within("event log: batch");
        batch_id = database_->last_insert_rowid();
    }
    for (const NewEvent& event : events) {
        // A withheld line tells no time of its own any more.
        const WallTime time = event.line ? event.event_time : received_at;
        event_.bind(1, stream.stream_id).bind(2, stream.last_seq + 1).bind(3, event.type)
            .bind(4, time.time_since_epoch().count()).bind(5, received).bind(6, batch_id)
            .bind_blob(7, event.leaf).bind(8, event.line).bind(9, event.withheld_reason);
        if (auto done = event_.run(); !done)
            return done.error().within("event log: seq " + std::to_string(stream.last_seq + 1));
        ++stream.last_seq;
        stream.head = chain_link(stream.head, event.leaf);
    }
    auto done = stream_.bind(1, stream.last_seq).bind_blob(2, stream.head).bind(3, stream.stream_id).run();
    return done ? done : Result<void>(done.error().within("event log: stream"));
}

Result<std::vector<StoredEvent>> read_events_after(Database& database, std::int64_t cursor, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) + "WHERE e.ingest_id > ? ORDER BY e.ingest_id LIMIT ?");
    if (!query)
        return query.error();
    query->bind(1, cursor).bind(2, static_cast<std::int64_t>(limit));
    return read_all(*query);
}

Result<WallTime> log_begun(Database& database, WallTime now) {
    auto first = read_events_after(database, 0, 1);
    if (!first)
        return first.error();
    return first->empty() ? now : first->front().received_at;
}

Result<std::vector<StoredEvent>> read_events(Database& database, const std::vector<std::int64_t>& ids) {
    auto query = database.prepare(std::string(kColumns) + "WHERE e.ingest_id = ?");
    if (!query)
        return query.error();
    std::vector<StoredEvent> events;
    for (const std::int64_t id : ids) {
        auto row = query->bind(1, id).step();
        if (!row)
            return row.error().within("event log: read");
        if (*row)
            events.push_back(read_row(*query));
        query->reset();
    }
    return events;
}

Result<std::vector<StoredEvent>> read_terminal_events(Database& database, std::string_view terminal_id,
                                                      std::int64_t before, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) +
                                  "WHERE s.terminal_id = ? AND e.ingest_id < ? ORDER BY e.ingest_id DESC LIMIT ?");
    if (!query)
        return query.error();
    query->bind(1, terminal_id).bind(2, before > 0 ? before : INT64_MAX).bind(3, static_cast<std::int64_t>(limit));
    return read_all(*query);
}

Result<std::vector<StoredEvent>> read_terminal_events_of(Database& database, std::string_view terminal_id,
                                                         std::string_view type, std::size_t limit) {
    auto query = database.prepare(std::string(kColumns) +
                                  "WHERE s.terminal_id = ? AND e.type = ? ORDER BY e.ingest_id DESC LIMIT ?");
    if (!query)
        return query.error();
    query->bind(1, terminal_id).bind(2, type).bind(3, static_cast<std::int64_t>(limit));
    return read_all(*query);
}

}  // namespace sallyport::store
