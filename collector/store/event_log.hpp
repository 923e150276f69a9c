// SPDX-License-Identifier: Apache-2.0
//
// The event log: every accepted line, in the order of its commit. The source of truth on the server; alerts, boards
// and reports are functions of it. Free functions on a Database, so that they join the writer's transactions or run
// on a reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/chain.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct StoredEvent {
    std::int64_t ingest_id = 0;
    std::string ori;
    std::string terminal_id;
    std::string instance;
    std::uint64_t seq = 0;
    std::string type;
    WallTime event_time{};
    WallTime received_at{};
    Digest leaf{};
    std::optional<std::string> line;  // nothing: withheld, and why
    std::optional<std::string> withheld_reason;
};

// Where one agent instance's stream stands.
struct StreamPosition {
    std::int64_t stream_id = 0;
    std::uint64_t last_seq = 0;  // highest contiguous committed
    Digest head{};
};

[[nodiscard]] Result<std::optional<StreamPosition>> find_stream(Database& database, std::string_view terminal_id,
                                                                std::string_view instance);
[[nodiscard]] Result<StreamPosition> create_stream(Database& database, std::string_view ori,
                                                   std::string_view terminal_id, std::string_view instance,
                                                   const Digest& genesis, WallTime now);

// The newest instance of the terminal, or nothing.
[[nodiscard]] Result<std::optional<std::string>> latest_instance(Database& database, std::string_view terminal_id);
// Every stream of the terminal, oldest first.
[[nodiscard]] Result<std::vector<StreamPosition>> streams_of(Database& database, std::string_view terminal_id);

// One line on its way into the log; without `line` it is withheld, and `withheld_reason` says why.
struct NewEvent {
    std::string type;
    WallTime event_time{};
    Digest leaf{};
    std::optional<std::string> line;
    std::optional<std::string> withheld_reason;
    bool marked = false;  // claims to be of a drill
};

// Appends to streams with prepared statements kept from batch to batch. Belongs to the writer's thread.
class EventAppender {
public:
    [[nodiscard]] static Result<EventAppender> open(Database& database);
    // Numbers the events after stream.last_seq and moves stream forward; in the caller's transaction. The header line
    // is kept with the batch; the collector's own lines have none.
    [[nodiscard]] Result<void> append(StreamPosition& stream, const std::optional<std::string>& header,
                                      const std::vector<NewEvent>& events, WallTime received_at);

private:
    EventAppender(Database& database, Statement batch, Statement event, Statement stream)
        : database_(&database), batch_(std::move(batch)), event_(std::move(event)), stream_(std::move(stream)) {}
    Database* database_;
    Statement batch_, event_, stream_;
};

// The leaf committed under this seq, or nothing.
[[nodiscard]] Result<std::optional<Digest>> leaf_at(Database& database, std::int64_t stream_id, std::uint64_t seq);

// Up to `limit` events after the cursor, in commit order.
[[nodiscard]] Result<std::vector<StoredEvent>> read_events_after(Database& database, std::int64_t cursor,
                                                                 std::size_t limit);
// When the oldest line was received, withheld ones included; `now` while there is none.
[[nodiscard]] Result<WallTime> log_begun(Database& database, WallTime now);
[[nodiscard]] Result<std::vector<StoredEvent>> read_events(Database& database, const std::vector<std::int64_t>& ids);
// Newest first, at most `limit`, older than `before` (ingest_id; 0: from the newest).
[[nodiscard]] Result<std::vector<StoredEvent>> read_terminal_events(Database& database, std::string_view terminal_id,
                                                                    std::int64_t before, std::size_t limit);
// Of one type, newest first, at most `limit`.
[[nodiscard]] Result<std::vector<StoredEvent>> read_terminal_events_of(Database& database, std::string_view terminal_id,
                                                                       std::string_view type, std::size_t limit);

}  // namespace sallyport::store
