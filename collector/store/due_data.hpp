// SPDX-License-Identifier: Apache-2.0
//
// What of a class is older than its period, and its deletion, one item at a time. An item is named by a key: an event's
// ingest_id, an alert's or incident's id, `register/id`, an audit entry's log_id.
//
// A line of the event log that is deleted keeps its row: seq, type, leaf and times stay, `withheld_reason` says `deleted`.
// Chain and Merkle proofs go on verifying; the nonce in the line is gone with it, so that it cannot be guessed back from
// its leaf (system.md 9.5).
#pragma once

#include <string>
#include <vector>

#include "collector/store/data_class.hpp"
#include "collector/store/legal_hold.hpp"

namespace sallyport::store {

struct DueItem {
    std::string key, cursor;  // behind the cursor come the items after it
};
struct DueItems {
    std::vector<DueItem> items;
    std::string cursor;   // where to look on
    bool is_end = false;  // nothing is due behind it
};

// On a reader: at most `limit` items behind the cursor ('' at the beginning). What it finds is a proposal; delete_due
// decides. Lines that the rules have not judged for good are never among them.
[[nodiscard]] Result<DueItems> find_due(Database& reader, DataClass data_class, WallTime kept_from, const std::string& cursor,
                                        std::size_t limit);

enum class Fate {
    deleted,
    held,  // by a legal hold
    tied,  // something that is kept rests on it: an alert (not what a rule in observation found), an incident, the log's order
    gone,  // deleted before, or no longer due
};
// In the writer's transaction, all conditions asked again.
[[nodiscard]] Result<Fate> delete_due(Database& database, DataClass data_class, WallTime kept_from, const std::string& key,
                                      const HeldData& held);

// The audit log goes from its oldest end only: what is kept there ends the deletion.
[[nodiscard]] constexpr bool goes_in_order(DataClass data_class) { return data_class == DataClass::audit; }

// The hourly counts that deleted presence lines left, older than the event lines are kept.
[[nodiscard]] Result<void> delete_presence_hours(Database& database, WallTime kept_from);

}  // namespace sallyport::store
