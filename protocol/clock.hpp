// SPDX-License-Identifier: Apache-2.0
//
// Time comes from outside: every room that needs it is given a Clock, and tests give one that stands still.
#pragma once

#include <chrono>
#include <cstdint>

namespace sallyport {

// UTC, milliseconds (CSP AU-8 asks for 1/100 s).
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
// Milliseconds since boot, never stepping back; orders events inside one boot.
using MonotonicTime = std::chrono::duration<std::uint64_t, std::milli>;

// Whether the wall clock can be believed (event envelope, field `clock`).
enum class ClockState { synced, unsynced, stepped };

// Thread-safe: any thread may ask at any time.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual WallTime now() const = 0;
    [[nodiscard]] virtual MonotonicTime monotonic() const = 0;
    [[nodiscard]] virtual ClockState state() const = 0;
};

}  // namespace sallyport
