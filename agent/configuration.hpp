// SPDX-License-Identifier: Apache-2.0
//
// agent.yml: closed (an unknown key is a fault), small, and read once at start. Every fault is found at once, each as
// `FILE:LINE: key: reason`.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::agent {

// `sensors: {usb: off}`: what is said of a sensor, by its name in the sensors' catalogue.
struct SensorSwitches {
    std::map<std::string, bool, std::less<>> said;
    [[nodiscard]] bool on(std::string_view name, bool by_default) const {
        const auto at = said.find(name);
        return at == said.end() ? by_default : at->second;
    }
};

// The program through which CLETS is used (decision 23); an empty executable: not told.
struct CletsClientConfiguration {
    std::filesystem::path executable;
    std::string desktop_id;
    std::filesystem::path mnemonic_file;
    std::string mnemonic_pattern;
};

struct CameraConfiguration {
    std::string source;
    std::filesystem::path enable_file;
    std::filesystem::path permit;
    std::filesystem::path model;
    std::filesystem::path program;
    int frames_per_second = 5;
};

// `usb.enforce: allowlist` holds back what the signed list does not permit; off by default.
struct UsbConfiguration {
    bool enforce = false;
    std::filesystem::path policy;
};

struct Configuration {
    std::string terminal;
    std::string ori;
    std::filesystem::path spool;
    MqttOptions broker;  // its key is the enrolled key, which also certifies the batch keys
    std::filesystem::path collector_key;
    std::chrono::seconds heartbeat{60};
    SensorSwitches sensors;
    std::string print_server;
    std::filesystem::path print_spool;     // cupsd's RequestRoot, watched; empty: it is looked all the time instead
    std::filesystem::path print_settings;  // cupsd's ServerRoot; empty: nothing is told of its settings
    // CUPS tells creation times in whole seconds; an alert is wanted within two of them.
    std::chrono::milliseconds print_look_every{800};
    std::chrono::seconds lock_limit{900};  // the screen lock's, as registered for this terminal (AC-11: 30 min at most)
    CameraConfiguration camera;
    CletsClientConfiguration clets_client;
    std::filesystem::path firmware_configs = "/usr/share/sallyport/firmware-configs";  // what is expected of each model
    UsbConfiguration usb;
    std::string sha256;  // of the file's bytes, as every event carries it
};

struct LoadedConfiguration {
    std::optional<Configuration> configuration;  // empty when there are faults
    std::vector<std::string> faults;
};

// `sensors`: the names that can be switched. Nothing: any, for a program that has none of them.
using SensorNames = std::optional<std::span<const std::string_view>>;
[[nodiscard]] LoadedConfiguration load_configuration(const std::filesystem::path& file, SensorNames sensors);

// Files that the configuration names and that are not there or cannot be read.
[[nodiscard]] std::vector<std::string> missing_files(const Configuration& configuration);

}  // namespace sallyport::agent
