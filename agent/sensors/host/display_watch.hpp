// SPDX-License-Identifier: Apache-2.0
//
// Which displays hang on the terminal, from the kernel's connectors (/sys/class/drm) and its `drm` events.
//
// Policy: directive II.B.1 (no public view of the screen), CSP PE-5. Event: display.change for each display that was attached or
// detached; at start for each that is there, with an unknown time. count: the displays that are connected then. external_kind:
// the connector, as `hdmi_a` or `dp`; left out for a built-in panel.
//
// How a picture is laid out is the desktop's secret: the kernel shows no difference between a second desktop, a mirrored one and
// one sent over the network. The sensor `display_layout` is therefore absent, and `mirrored`, `extended` and `cast` are never
// told. Without any connector the sensor `display` is absent, `no_connector`.
#pragma once

#include <filesystem>
#include <memory>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<HostWatch> make_display_watch(std::filesystem::path root = "/");

}  // namespace sallyport::agent
