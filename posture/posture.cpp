// SPDX-License-Identifier: Apache-2.0
#include "posture/posture.hpp"

#include <algorithm>

namespace sallyport::posture {
namespace {

bool admits(const std::vector<std::string>& wanted, const std::string& text) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

bool fits(std::string_view pattern, std::string_view version) {
    return pattern.ends_with('*') ? version.starts_with(pattern.substr(0, pattern.size() - 1)) : version == pattern;
}

std::string scalar_of(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        out += c == '\'' ? "''" : std::string(1, c);
    return out + "'";
}

std::string listed(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts)
        out += (out.empty() ? "" : ", ") + scalar_of(text);
    return "[" + out + "]";
}

void write_list(std::string& out, std::string_view key, const std::vector<std::string>& texts) {
    if (!texts.empty()) out += std::string(key) + ": " + listed(texts) + "\n";
}

void write_terminal(std::string& out, const TerminalPosture& terminal) {
    out += "match:\n";
    write_list(out, "  manufacturer", terminal.manufacturer);
    write_list(out, "  model", terminal.model);
    write_list(out, "  bios_vendor", terminal.bios_vendor);
    if (!terminal.firmware.empty()) out += "firmware:\n";
    for (const auto& [component, versions] : terminal.firmware)
        out += "  " + scalar_of(component) + ": " + listed(versions) + "\n";
    if (terminal.secure_boot) out += std::string("secure_boot: ") + (*terminal.secure_boot ? "on" : "off") + "\n";
    if (terminal.tpm) out += std::string("tpm: ") + (*terminal.tpm ? "present" : "absent") + "\n";
    write_list(out, "boot_sources", terminal.boot_sources);
    if (!terminal.fixed_usb.empty()) out += "fixed_usb:\n";
    for (const FixedDevice& device : terminal.fixed_usb)
        out += "  - {port: " + scalar_of(device.port) + ", vid: " + scalar_of(device.vid) + ", pid: " + scalar_of(device.pid) +
               (device.what.empty() ? "" : ", what: " + scalar_of(device.what)) + "}\n";
}

void write_camera(std::string& out, const CameraPosture& camera) {
    out += "match: {vid: " + scalar_of(camera.vid) + ", pid: " + scalar_of(camera.pid) + "}\n";
    out += "orientation: " + scalar_of(camera.orientation) + "\n";
    out += "resolution: [" + std::to_string(camera.width) + ", " + std::to_string(camera.height) + "]\n";
    out += "frames_per_second: " + std::to_string(camera.frames_per_second) + "\n";
    if (!camera.thresholds.empty()) out += "thresholds:\n";
    for (const auto& [name, value] : camera.thresholds)
        out += "  " + name + ": " + std::to_string(value) + "\n";
}

}  // namespace

std::string write_posture(const Posture& posture) {
    std::string out = "# SPDX-License-Identifier: Apache-2.0\nkind: ";
    out += posture.terminal ? "terminal\n" : "camera\n";
    if (posture.example) out += "example: true\n";
    if (posture.terminal) write_terminal(out, *posture.terminal);
    if (posture.camera) write_camera(out, *posture.camera);
    return out;
}

const Posture* choose(const std::vector<Posture>& postures, const ModelNames& names) {
    const auto found = std::find_if(postures.begin(), postures.end(), [&](const Posture& posture) {
        return !posture.example && posture.terminal && admits(posture.terminal->manufacturer, names.manufacturer) &&
               admits(posture.terminal->model, names.model) && admits(posture.terminal->bios_vendor, names.bios_vendor);
    });
    return found == postures.end() ? nullptr : &*found;
}

std::optional<bool> is_expected(const TerminalPosture& posture, std::string_view component, std::string_view version) {
    const auto at = posture.firmware.find(std::string(component));
    if (at == posture.firmware.end()) return std::nullopt;
    return std::any_of(at->second.begin(), at->second.end(),
                       [&](const std::string& pattern) { return fits(pattern, version); });
}

}  // namespace sallyport::posture
