// SPDX-License-Identifier: Apache-2.0
//
// Whether somebody looks at the screen from afar: a connection that stands to one of the terminal's remote-desktop ports (VNC
// 5900 to 5909, RDP 3389), from /proc/net/tcp.
//
// Policy: CSP AC-17, PE-5; rule PRN-09. Event: screen.capture, method `remote_view`, once a connection. Looks every minute, with the
// other watches; the sensor is `remote_view`.
//
// Pictures and recordings that a program takes inside the session are the desktop's secret: its portal and its PipeWire speak
// to the session's own bus only. The sensor `screen_capture` is therefore absent, `desktop_does_not_tell`, and `os_capture`, `share` and
// `recording` are never told.
#pragma once

#include <filesystem>
#include <memory>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<HostWatch> make_capture_watch(std::filesystem::path root = "/");

}  // namespace sallyport::agent
