// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/boot_medium.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kLayersMax = 6;  // a volume in a group on encryption on a RAID of partitions

struct Mount {
    std::string device;  // `8:1`
    std::string kind;    // of file system
};

// mountinfo, proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`
std::map<std::string, Mount> mounts(const fs::path& root) {
    std::map<std::string, Mount> found;
    std::istringstream lines(read_bytes(root / "proc/self/mountinfo").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, device, inside, point, word, kind;
        if (!(words >> id >> parent >> device >> inside >> point)) continue;
        while (words >> word && word != "-") {
        }
        if (words >> kind) found[point] = {device, kind};
    }
    return found;
}

bool came_over_the_network(const fs::path& root) {
    std::istringstream words(read_bytes(root / "proc/cmdline").value_or(""));
    for (std::string word; words >> word;)
        for (const std::string_view trace : {"BOOTIF=", "root=/dev/nfs", "nfsroot=", "netboot=", "fetch=", "httpfs="})
            if (word.starts_with(trace)) return true;
    return false;
}

BootSource source_at(const fs::path& device, int layers) {
    const std::string place = place_of(device);
    if (place.empty()) return BootSource::unknown;
    if (fs::path(place).filename().string().starts_with("sr")) return BootSource::optical;
    if (place.find("/usb") != std::string::npos) return BootSource::usb;
    if (place.find("/devices/virtual/") == std::string::npos) return BootSource::internal;
    for (const fs::path& below : layers > 0 ? entries(fs::path(place) / "slaves") : std::vector<fs::path>())
        return source_at(below, layers - 1);
    return BootSource::unknown;
}

}  // namespace

BootSource source_of_device(const fs::path& root, const std::string& numbers) {
    return source_at(root / "sys/dev/block" / numbers, kLayersMax);
}

BootSource boot_medium(const fs::path& root) {
    if (came_over_the_network(root)) return BootSource::network;
    const auto mounted = mounts(root);
    for (const char* point : {"/run/live/medium", "/cdrom", "/boot", "/"}) {
        const auto at = mounted.find(point);
        if (at == mounted.end()) continue;
        if (at->second.kind.starts_with("nfs")) return BootSource::network;
        const BootSource source = source_of_device(root, at->second.device);
        if (source != BootSource::unknown) return source;
    }
    return BootSource::unknown;
}

}  // namespace sallyport::agent
