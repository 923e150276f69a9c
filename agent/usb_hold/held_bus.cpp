// SPDX-License-Identifier: Apache-2.0
#include "agent/usb_hold/held_bus.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "protocol/files.hpp"
#include "protocol/usbguard/descriptors.hpp"

namespace sallyport::agent {
namespace {

using std::filesystem::path;

std::string first_line(const path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

bool write(const path& file, std::string_view value) {
    std::ofstream out(file, std::ios::trunc);
    out << value << std::flush;
    return static_cast<bool>(out);
}

// `1-2.4`, `usb1`; not `1-2:1.0`, which is an interface.
std::vector<path> devices_in(const path& folder) {
    std::vector<path> found;
    std::error_code failed;
    for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
        if (at->path().filename().string().find(':') == std::string::npos) found.push_back(at->path());
    std::sort(found.begin(), found.end());
    return found;
}

bool is_bus(const path& device) { return device.filename().string().starts_with("usb"); }

bool is_input_only(const path& device) {
    std::ifstream in(device / "descriptors", std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const auto read = usbguard::read_descriptors(bytes);
    return read && usbguard::is_input_only(usbguard::interfaces_in(*read));
}

// `usb1 1` a line.
std::map<std::string, std::string> remembered(const path& memory) {
    std::map<std::string, std::string> found;
    std::ifstream in(memory);
    for (std::string bus, value; in >> bus >> value;)
        found[bus] = value;
    return found;
}

Result<void> remember(const path& memory, const std::map<std::string, std::string>& values) {
    std::string text;
    for (const auto& [bus, value] : values)
        text += bus + " " + value + "\n";
    std::error_code failed;
    std::filesystem::create_directories(memory.parent_path(), failed);
    return replace_file(memory, text, Secrecy::open);
}

// `1-2.4` is on bus `usb1`.
path bus_of(const path& device) {
    const std::string port = device.filename().string();
    return device.parent_path() / ("usb" + port.substr(0, port.find('-')));
}

Error unwritable(const std::string& what) { return Error(Errc::io, "usb hold: " + what + ": cannot be written"); }

void free_input_devices(const std::vector<path>& devices, std::vector<std::string>& freed, std::string& failed) {
    for (const path& device : devices) {
        if (is_bus(device) || first_line(device / "authorized") != "0" || !is_input_only(device)) continue;
        if (write(device / "authorized", "1"))
            freed.push_back(device.filename().string());
        else
            failed = (device / "authorized").string();
    }
}

}  // namespace

// Remembered before it is changed: whoever is killed in between can still set it back.
Result<void> hold(const HeldBusPaths& paths) {
    auto values = remembered(paths.memory);
    const auto devices = devices_in(paths.devices);
    for (const path& device : devices)
        if (is_bus(device)) values.try_emplace(device.filename().string(), first_line(device / "authorized_default"));
    if (auto kept = remember(paths.memory, values); !kept) return kept.error().within("usb hold");
    for (const path& device : devices)
        if (is_bus(device) && !write(device / "authorized_default", "0"))
            return unwritable((device / "authorized_default").string());
    return {};
}

Result<std::vector<std::string>> release(const HeldBusPaths& paths) {
    std::vector<std::string> freed;
    const auto values = remembered(paths.memory);
    if (values.empty()) return freed;
    std::string failed;
    for (const auto& [bus, value] : values) {
        const path file = paths.devices / bus / "authorized_default";
        std::error_code unknown;
        if (std::filesystem::exists(file, unknown) && !write(file, value.empty() ? "1" : value)) failed = file.string();
    }
    free_input_devices(devices_in(paths.devices), freed, failed);
    if (!failed.empty()) return unwritable(failed);
    std::error_code unknown;
    std::filesystem::remove(paths.memory, unknown);
    return freed;
}

Result<std::vector<std::string>> free_late(const HeldBusPaths& paths) {
    auto devices = devices_in(paths.devices);
    std::erase_if(devices, [](const path& device) {
        return is_bus(device) || first_line(bus_of(device) / "authorized_default") != "1";
    });
    std::vector<std::string> freed;
    std::string failed;
    free_input_devices(devices, freed, failed);
    if (!failed.empty()) return unwritable(failed);
    return freed;
}

}  // namespace sallyport::agent
