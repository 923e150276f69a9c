// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <optional>

#include "agent/sensors/usb/write_counters.hpp"

namespace sallyport::agent {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // of this file, whatever the disk's own are
constexpr int kWrittenSectors = 7;           // which number in the line

template <class Number>
std::optional<Number> number_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    Number number{};
    return file >> number ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> written_bytes(const std::filesystem::path& disk) {
    std::ifstream file(disk / "stat");
    std::uint64_t number = 0;
    for (int at = 0; at < kWrittenSectors; ++at)
        if (!(file >> number)) return std::nullopt;
    return number * kSectorBytes;
}

// Up from /sys/devices/.../1-2/1-2:1.0/host6/target6:0:0/6:0:0:0/block/sdb to what has a bus number.
std::optional<UsbAddress> usb_device_above(const std::filesystem::path& disk) {
    for (auto at = disk; at.has_relative_path(); at = at.parent_path()) {
        const auto bus = number_in<unsigned>(at / "busnum");
        const auto device = number_in<unsigned>(at / "devnum");
        if (bus && device) return UsbAddress{static_cast<std::uint8_t>(*bus), static_cast<std::uint8_t>(*device)};
    }
    return std::nullopt;
}

class LinuxWriteCounters final : public WriteCounters {
public:
    explicit LinuxWriteCounters(std::filesystem::path sysfs) : sysfs_(std::move(sysfs)) {}

    [[nodiscard]] std::vector<WriteReading> read() override {
        std::vector<WriteReading> found;
        std::error_code failed;
        for (std::filesystem::directory_iterator at(sysfs_ / "block", failed), end; !failed && at != end;
             at.increment(failed)) {
            std::error_code gone;
            const auto disk = std::filesystem::canonical(at->path(), gone);
            if (gone) continue;
            const auto device = usb_device_above(disk);
            if (!device) continue;
            if (const auto bytes = written_bytes(disk))
                found.push_back({*device, at->path().filename().string(), *bytes});
        }
        return found;
    }

private:
    std::filesystem::path sysfs_;
};

}  // namespace

std::unique_ptr<WriteCounters> make_linux_write_counters(std::filesystem::path sysfs) {
    return std::make_unique<LinuxWriteCounters>(std::move(sysfs));
}

}  // namespace sallyport::agent
