// SPDX-License-Identifier: Apache-2.0
//
// A database copied while others write it (SQLite's backup API).
#pragma once

#include <filesystem>
#include <functional>

#include "protocol/result.hpp"

namespace sallyport {

// Copies `from`, as it stands at the call, into the new file `to` (mode 0600, one file without a log beside it); 256 pages
// at a time, `between` is called after each. The moment is held by one reader's snapshot: the writer goes on, what it
// writes meanwhile stays in its write-ahead log until the copy is done. Durable when it returns.
[[nodiscard]] Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to,
                                         const std::function<void()>& between);

}  // namespace sallyport
