// SPDX-License-Identifier: Apache-2.0
//
// How a service is asked to end: SIGTERM or SIGINT, taken by the one thread that waits for them.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sallyport {

// To be called before any thread is started: threads inherit it, so that only wait_for_ending_signal() takes them.
// A peer that closes its socket is an error of that socket from then on, and no signal (SIGPIPE).
void block_ending_signals();

// "sigterm" or "sigint", or nothing when none came within `patience`.
[[nodiscard]] std::optional<std::string> wait_for_ending_signal(std::chrono::milliseconds patience);

}  // namespace sallyport
