// SPDX-License-Identifier: Apache-2.0
//
// Runs all watches on one thread, each when its time has come or when the kernel told of something that concerns it.
//
// A watch that fails is reported as degraded under its own name and looked at again after five minutes, or when stirred; the
// others go on. What the kernel told faster than it was read is an `agent.gap` of the sensor `host`, and everything is looked
// at again. An idle terminal is woken by the shortest looks_every() of its watches, and by nothing else.
#pragma once

#include <memory>
#include <vector>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

class HostSource;

using HostWatches = std::vector<std::unique_ptr<HostWatch>>;

[[nodiscard]] std::unique_ptr<Sensor> make_host_sensor(HostWatches watches);
[[nodiscard]] std::unique_ptr<Sensor> make_host_sensor(HostWatches watches, std::unique_ptr<HostSource> source);

}  // namespace sallyport::agent
