// SPDX-License-Identifier: Apache-2.0
//
// What the running machine and program say of themselves.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::agent {

// 32 hex digits, another one at each boot.
[[nodiscard]] Result<std::string> boot_id();
// SHA-256 of the program that is running, as hex.
[[nodiscard]] Result<std::string> program_sha256();

// One heap for all threads, and large blocks go back as soon as they are free: a dozen threads that allocate little
// would else keep a heap each, of the size of the largest thing they ever read. To be called before the first thread.
void keep_memory_small();
// What start-up needed and nobody needs any more goes back to the system: free heap, and the pages of programs' and
// libraries' text, which come again from the page cache where they are used.
void give_memory_back();
// As `top -H` and the bench show it; at most 15 bytes of it.
void name_this_thread(std::string_view name);

}  // namespace sallyport::agent
