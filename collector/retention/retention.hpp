// SPDX-License-Identifier: Apache-2.0
//
// Deletion as an approved, logged job: what is past its period is proposed, people approve it, then it goes in slices that
// the writer can bear, and the audit log says how much of what went, at whose word. A legal hold stops it everywhere.
//
// Free functions in the caller's transaction, and a Deleter that takes one slice at a time; one thread each.
#pragma once

#include <functional>

#include "collector/retention/schedule.hpp"
#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::retention {

inline constexpr std::size_t kSliceMax = 500;  // system.md 9.7
inline constexpr std::chrono::milliseconds kSliceTime{5};

struct Actor {
    std::string account, role;
};
inline const Actor kSystem{"system", "system"};

// Proposes to delete what is past its period now. Errc::conflict while one of the class is open. Where the schedule asks for
// no approval it is approved at once.
[[nodiscard]] Result<store::Deletion> propose(Database& database, store::DataClass data_class, const Actor& by,
                                              std::string_view reason, WallTime now);
// Errc::refused for whoever proposed it, approved it before, or has not the role.
[[nodiscard]] Result<store::Deletion> approve(Database& database, std::int64_t deletion_id, const Actor& by, WallTime now);
[[nodiscard]] Result<store::Deletion> withdraw(Database& database, std::int64_t deletion_id, const Actor& by,
                                               std::string_view reason, WallTime now);
[[nodiscard]] Result<void> set_period(Database& database, store::DataClass data_class, std::chrono::days period, const Actor& by,
                                      std::string_view reason, WallTime now);

// Is there anything past its period? On a reader.
[[nodiscard]] Result<bool> anything_due(Database& reader, store::DataClass data_class, WallTime now);
// How many items are past their period, held and tied ones included; counts no further than `most`.
[[nodiscard]] Result<std::int64_t> count_due(Database& reader, store::DataClass data_class, WallTime kept_from, std::int64_t most);

// Runs approved deletions. `write` is the writer's run(), or a transaction of sallyportctl's own.
class Deleter {
public:
    using Write = std::function<Result<void>(const store::Writer::Job&)>;

    Deleter(Database& reader, const Clock& clock, Write write) : reader_(reader), clock_(clock), write_(std::move(write)) {}

    // One slice of the deletion; true while more of it is left. What it did and how far it got is one transaction.
    [[nodiscard]] Result<bool> run_slice(std::int64_t deletion_id);

private:
    Database& reader_;
    const Clock& clock_;
    Write write_;
};

}  // namespace sallyport::retention
