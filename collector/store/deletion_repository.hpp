// SPDX-License-Identifier: Apache-2.0
//
// Proposals to delete, who approved them and how far they got; and where the agency keeps a class of data for another time
// than the default. Free functions, to be called in the writer's transaction or on a reader.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/data_class.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct Approval {
    std::string account, role;
    WallTime at{};
};

struct Deletion {
    std::int64_t deletion_id = 0;
    DataClass data_class = DataClass::events;
    WallTime kept_from{};  // what is older goes
    std::string reason, proposed_by;
    WallTime proposed_at{};
    std::string state = "proposed";  // proposed, approved, done, withdrawn
    std::string cursor;              // the last item looked at
    std::int64_t deleted = 0, held = 0, tied = 0;
    std::optional<WallTime> finished_at;
    std::vector<Approval> approvals;
};

// Errc::conflict while another of its class is open.
[[nodiscard]] Result<std::int64_t> add_deletion(Database& database, const Deletion& deletion);
[[nodiscard]] Result<std::optional<Deletion>> find_deletion(Database& database, std::int64_t deletion_id);
// The one of the class that is proposed or approved.
[[nodiscard]] Result<std::optional<Deletion>> open_deletion(Database& database, DataClass data_class);
// Newest first.
[[nodiscard]] Result<std::vector<Deletion>> list_deletions(Database& database, std::size_t limit);
// State, cursor, counts and end.
[[nodiscard]] Result<void> update_deletion(Database& database, const Deletion& deletion);
[[nodiscard]] Result<void> add_approval(Database& database, std::int64_t deletion_id, const Approval& approval);

// In days, for the classes where the agency decided it.
[[nodiscard]] Result<std::map<DataClass, std::int64_t>> retention_periods(Database& database);
[[nodiscard]] Result<void> save_retention_period(Database& database, DataClass data_class, std::int64_t days,
                                                 std::string_view changed_by, WallTime at, std::string_view reason);

}  // namespace sallyport::store
