// SPDX-License-Identifier: Apache-2.0
//
// The watching host's configuration: one YAML file with closed keys (docs/guide-watch.md). Every fault is found at once
// and named with file and line.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "collector/watch/alarm.hpp"
#include "collector/watch/https_client.hpp"
#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::watch {

struct WatchConfiguration {
    std::string ori;
    HttpsTarget collector;
    MqttOptions broker;
    std::filesystem::path head_key;         // PEM: the public key that signs the evidence log's heads
    std::filesystem::path state;            // what was seen last; its folder must be there
    std::chrono::seconds stale_after{300};  // decision 14
    std::chrono::seconds look_every{60};
    std::chrono::seconds repeat_every{3600};  // an alarm that lasts is told again
    AlarmWays alarm;
};

// Or every fault, each as `file:line: reason`.
[[nodiscard]] std::variant<WatchConfiguration, std::vector<std::string>> load_watch_configuration(
    const std::filesystem::path& file);

}  // namespace sallyport::watch
