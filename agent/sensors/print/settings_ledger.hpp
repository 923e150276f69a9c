// SPDX-License-Identifier: Apache-2.0
//
// Tells what cupsd's settings are (print_settings.hpp) once, and then what changes, as policy.setting.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "agent/sensors/print/print_settings.hpp"
#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class SettingsLedger {
public:
    // Of the cupsd.conf and cups-files.conf in that folder; an empty path: nothing is read nor told.
    explicit SettingsLedger(std::filesystem::path folder) : folder_(std::move(folder)) {}
    // Reads them again. Moves on only when the sink has taken the observation.
    [[nodiscard]] Result<void> report(const SensorContext& context);

private:
    [[nodiscard]] std::vector<PrintSetting> read() const;

    std::filesystem::path folder_;
    std::map<std::string_view, std::string> told_;  // name -> value
};

}  // namespace sallyport::agent
