// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/sensors/host/firmware_inventory.hpp"
#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

// `05/14/2023` -> `2023-05-14`, so that a later one sorts after an earlier one.
std::string ordered_date(const std::string& date) {
    if (date.size() != 10 || date[2] != '/' || date[5] != '/') return date;
    return date.substr(6) + "-" + date.substr(0, 2) + "-" + date.substr(3, 2);
}

class LinuxFirmware final : public FirmwareInventory {
public:
    explicit LinuxFirmware(fs::path root) : root_(std::move(root)) {}

    [[nodiscard]] Result<std::vector<FirmwareItem>> items() override {
        told_by_ = "linux/" + read_token(root_ / "proc/sys/kernel/osrelease", 48).value_or("unknown");
        items_.clear();
        const fs::path dmi = root_ / "sys/class/dmi/id";
        add("bios", read_label(dmi / "bios_version"));
        if (const auto date = read_label(dmi / "bios_date")) add("bios_date", ordered_date(*date));
        add("ec", read_label(dmi / "ec_firmware_release"));
        for (const fs::path& disk : entries(root_ / "sys/class/nvme"))
            add_disk(read_token(disk / "model", 40), read_label(disk / "firmware_rev"));
        for (const fs::path& disk : entries(root_ / "sys/block"))
            if (is_fixed(disk)) add_disk(read_token(disk / "device/model", 40), read_label(disk / "device/rev"));
        return items_;
    }

private:
    void add(std::string component, std::optional<std::string> version) {
        if (version) items_.push_back({std::move(component), std::move(*version), std::nullopt, told_by_});
    }
    // Two disks of one model and one firmware are one entry.
    void add_disk(std::optional<std::string> model, std::optional<std::string> version) {
        if (!model || !version) return;
        std::replace(model->begin(), model->end(), '/', '_');
        const std::string component = "disk:" + *model;
        const bool known = std::any_of(items_.begin(), items_.end(), [&](const FirmwareItem& item) {
            return item.component == component && item.version == *version;
        });
        if (!known) add(component, std::move(version));
    }
    static bool is_fixed(const fs::path& disk) {
        return read_label(disk / "removable", 1) == "0" && place_of(disk).find("/usb") == std::string::npos;
    }

    const fs::path root_;
    std::string told_by_;
    std::vector<FirmwareItem> items_;
};

}  // namespace

std::unique_ptr<FirmwareInventory> make_linux_firmware(fs::path root) {
    return std::make_unique<LinuxFirmware>(std::move(root));
}

}  // namespace sallyport::agent
