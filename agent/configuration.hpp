// SPDX-License-Identifier: Apache-2.0
//
// agent.yml: closed (an unknown key is a fault), small, and read once at start. Every fault is found at once, each as
// `FILE:LINE: key: reason`.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "protocol/adapters/mqtt_connection.hpp"

namespace sallyport::agent {

struct SensorSwitches {
    bool identity = true;
    bool usb = true;
    bool print = true;
    bool session = true;
    bool camera = false;  // off by default (policy-facts section 0, row 3); this switch alone never starts it
};

struct CameraConfiguration {
    std::string source;
    std::filesystem::path enable_file;
    std::filesystem::path permit;
    std::filesystem::path model;
    std::filesystem::path program;
    int frames_per_second = 5;
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
    std::string sha256;  // of the file's bytes, as every event carries it
};

struct LoadedConfiguration {
    std::optional<Configuration> configuration;  // empty when there are faults
    std::vector<std::string> faults;
};

[[nodiscard]] LoadedConfiguration load_configuration(const std::filesystem::path& file);

// Files that the configuration names and that are not there or cannot be read.
[[nodiscard]] std::vector<std::string> missing_files(const Configuration& configuration);

}  // namespace sallyport::agent
