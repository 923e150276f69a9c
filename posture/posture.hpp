// SPDX-License-Identifier: Apache-2.0
//
// What a model of terminal or camera is expected to be: one file of firmware-configs/ a model (docs/formats/firmware-configs.md).
// The agent chooses its terminal's by DMI and tells what differs; sallyportctl checks files and makes them from what a terminal
// reported. Pure but for posture_file.cpp, which reads YAML.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::posture {

// As DMI has them.
struct ModelNames {
    std::string manufacturer;
    std::string model;
    std::string bios_vendor;
};

// A device that is soldered or screwed in, at its place on the bus.
struct FixedDevice {
    std::string port;      // `1-6`
    std::string vid, pid;  // four hex digits
    std::string what;      // for people
    bool operator==(const FixedDevice&) const = default;
};

struct TerminalPosture {
    // Each a list of texts of which one must be equal; an empty one takes any.
    std::vector<std::string> manufacturer, model, bios_vendor;
    std::map<std::string, std::vector<std::string>> firmware;  // component -> versions; a `*` at the end stands for the rest
    std::optional<bool> secure_boot, tpm;
    std::vector<std::string> boot_sources;  // of device.boot
    std::vector<FixedDevice> fixed_usb;
    bool operator==(const TerminalPosture&) const = default;
};

struct CameraPosture {
    std::string vid, pid;
    std::string orientation;  // what it looks at, for people and the register
    int width = 0, height = 0, frames_per_second = 0;
    std::map<std::string, double> thresholds;
    bool operator==(const CameraPosture&) const = default;
};

struct Posture {
    std::string name;      // of the file, without its ending
    bool example = false;  // shows the shape: nobody held it against a machine, and no agent takes it
    std::optional<TerminalPosture> terminal;  // one of the two
    std::optional<CameraPosture> camera;
};

struct LoadedPosture {
    std::optional<Posture> posture;   // empty when there are faults
    std::vector<std::string> faults;  // `FILE:LINE: key: reason`
};
struct LoadedPostures {
    std::vector<Posture> postures;  // in the order of their names
    std::vector<std::string> faults;
};

[[nodiscard]] LoadedPosture read_posture(std::string_view text, const std::filesystem::path& file);
// A file, or all `*.yml` of a folder. Two that match the same machine are a fault.
[[nodiscard]] LoadedPostures load_postures(const std::filesystem::path& path);
// As a file that read_posture() takes.
[[nodiscard]] std::string write_posture(const Posture& posture);

// The terminal's, never an example; nullptr when there is none of its model.
[[nodiscard]] const Posture* choose(const std::vector<Posture>& postures, const ModelNames& names);

// Nothing where nobody said what is expected of that component.
[[nodiscard]] std::optional<bool> is_expected(const TerminalPosture& posture, std::string_view component,
                                              std::string_view version);

}  // namespace sallyport::posture
