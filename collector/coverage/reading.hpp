// SPDX-License-Identifier: Apache-2.0
//
// A terminal's coverage from the store.
#pragma once

#include "collector/coverage/coverage.hpp"
#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::coverage {

// Errc::not_found: neither registered nor ever heard of. Errc::bad_input: the span ends before it begins, or begins in
// the future; one that ends there is cut at `now`. Reads the terminal's whole chains: some 30 ms for a year.
[[nodiscard]] Result<Coverage> read_coverage(Database& reader, const std::string& terminal_id, Span span, WallTime now);

}  // namespace sallyport::coverage
