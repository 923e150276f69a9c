// SPDX-License-Identifier: Apache-2.0
//
// Who is logged on, whether the screen is locked, and for how long nobody has touched the terminal.
//
// Policy: CSP AC-11 (lock after at most 30 minutes), AC-17 (remote sessions), directive II.B.1 (unattended
// terminals). Events: session.logon, session.logoff, session.lock, session.unlock, session.idle,
// device.sleep, device.resume, device.shutdown and policy.setting (lock_timeout, in seconds, where the log-in
// manager itself locks).
//
// - The state of the lock is what the screen lock says (`LockedHint`); a Lock signal is a wish. A wish that
// no screen
//   lock confirms within 10 s makes the sensor degraded, `lock_not_confirmed`: this terminal cannot prove its
//   locks.
// - Idle time comes from the session's own idle interface. No process opens /dev/input (system.md 9.10);
// without the
//   interface the sensor `idle` is absent. A desktop that raises its hint N s after the last input is N s
//   late.
// - A lock while nobody was there is `timeout`, one during the way to sleep is `policy`, any other is
// `unknown`:
//   nothing tells a key from a command.
// - Failed log-ons and the method of a log-on (but for smart cards) are not known to the log-in manager.
// - After the bus or the manager was away the sessions are compared with the last known ones; what changed
// meanwhile
//   is reported with an unknown time.
//
// Wakes up on a signal, when an idle threshold falls due, and once a minute while anybody is logged on (a
// console's idle time changes without a signal).
#pragma once

#include <chrono>
#include <memory>

#include "agent/sensors/input_activity.hpp"
#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class SessionSource;

struct SessionOptions {
    // The terminal's screen_lock_minutes (register; policy maximum 30 minutes).
    std::chrono::seconds lock_limit{15 * 60};
    // Told when somebody is known to have used the terminal; may be none.
    std::shared_ptr<InputActivity> input = nullptr;
};

[[nodiscard]] std::unique_ptr<Sensor> make_session_sensor(const SessionOptions& options = {});
[[nodiscard]] std::unique_ptr<Sensor> make_session_sensor(const SessionOptions& options,
                                                          std::unique_ptr<SessionSource> source);

}  // namespace sallyport::agent
