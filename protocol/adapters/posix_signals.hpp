// SPDX-License-Identifier: Apache-2.0
//
// What a service is asked from outside: to end (SIGTERM, SIGINT) or to read its rules anew (SIGHUP); taken by the one
// thread that waits for it.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sallyport {

enum class ServiceSignal { terminate, interrupt, reload };

[[nodiscard]] std::string_view to_string(ServiceSignal signal);  // sigterm, sigint, sighup

// To be called before any thread is started: threads inherit it, so that only wait_for_service_signal() takes them.
// A peer that closes its socket is an error of that socket from then on, and no signal (SIGPIPE).
void block_service_signals();

// Nothing when none came within `patience`.
[[nodiscard]] std::optional<ServiceSignal> wait_for_service_signal(std::chrono::milliseconds patience);

}  // namespace sallyport
