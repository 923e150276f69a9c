// SPDX-License-Identifier: Apache-2.0
//
// Every sensor the agent has, as one visible table: to add one, a folder beside this file and a row in catalogue.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

struct Configuration;

struct SensorRow {
    std::string_view name;
    bool (*enabled)(const Configuration& configuration);
    std::string_view reason_when_off;
    std::unique_ptr<Sensor> (*make)(const Configuration& configuration);
};

[[nodiscard]] std::span<const SensorRow> sensor_catalogue();

}  // namespace sallyport::agent
