// SPDX-License-Identifier: Apache-2.0
//
// Every sensor the agent has, as one visible table: to add one, its source and a row in catalogue.cpp. A sensor has a thread of its
// own; a small one is a watch on the host sensor's thread (agent/sensors/host_watch.hpp).
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agent/sensors/host_watch.hpp"
#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

struct Configuration;

struct SensorRow {
    std::string_view name;
    bool by_default;  // where the configuration says nothing of it
    // One of the two. Nothing when the configuration does not tell what it needs.
    std::unique_ptr<Sensor> (*make)(const Configuration& configuration);
    std::unique_ptr<HostWatch> (*watch)(const Configuration& configuration);
};

[[nodiscard]] std::span<const SensorRow> sensor_catalogue();
[[nodiscard]] std::vector<std::string_view> sensor_names();

}  // namespace sallyport::agent
