// SPDX-License-Identifier: Apache-2.0
//
// systemd-logind on the system bus (org.freedesktop.login1) as a SessionSource.
// Interface: https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html
#pragma once

#include <memory>

namespace sallyport::agent {

class SessionSource;

// Not connected yet; SessionSource::connect() does that, and may be called again after a failure. A delay
// inhibitor is held so that a sleep or a shutdown waits until it has been recorded; where policy forbids it,
// the sensor works without.
[[nodiscard]] std::unique_ptr<SessionSource> make_logind_sessions();

}  // namespace sallyport::agent
