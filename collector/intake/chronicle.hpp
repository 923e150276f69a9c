// SPDX-License-Identifier: Apache-2.0
//
// What the collector has seen itself and not yet committed: lines for its own log, rows for the board of terminals.
// Nothing leaves it but by a commit; while the store fails it waits here, in order.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "collector/intake/own_log.hpp"
#include "collector/store/terminal_repository.hpp"

namespace sallyport::intake {

// A row, a line, or both of them as one.
struct Remark {
    std::optional<store::TerminalLiveness> row;
    std::optional<Notice> notice;
};

class Chronicle {
public:
    // Remarks on their way into one transaction, by number.
    using Slice = std::map<std::uint64_t, Remark>;

    explicit Chronicle(OwnLog& log) : log_(log) {}

    // Any thread.
    void add(Remark remark);
    [[nodiscard]] bool empty() const;

    // On the writer's thread: takes the oldest remarks, at most a slice of them (the writer serves others too), and
    // writes them in the caller's transaction. What is in `slice` must be given back when that is not committed.
    [[nodiscard]] Result<void> write(Database& database, Slice& slice);
    void give_back(Slice slice);

private:
    [[nodiscard]] Slice take();

    OwnLog& log_;
    mutable std::mutex mutex_;
    std::uint64_t last_number_ = 0;
    Slice waiting_;
};

}  // namespace sallyport::intake
