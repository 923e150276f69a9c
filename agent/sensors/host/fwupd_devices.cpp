// SPDX-License-Identifier: Apache-2.0
//
// fwupd's list of devices over the system bus (org.freedesktop.fwupd, GetDevices). The connection lasts for one call: fwupd is
// asked once a day, and ends by itself when nobody asks.
#include <sdbus-c++/sdbus-c++.h>

#include <algorithm>
#include <map>

#include "agent/sensors/host/firmware_inventory.hpp"
#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

using Properties = std::map<std::string, sdbus::Variant>;

constexpr const char* kService = "org.freedesktop.fwupd";
constexpr const char* kBus = "org.freedesktop.DBus";
constexpr auto kCallTimeout = std::chrono::seconds(10);
constexpr std::size_t kDevicesMax = 48;

std::string text_in(const Properties& properties, const char* name) {
    const auto at = properties.find(name);
    const bool is_text = at != properties.end() && at->second.containsValueOfType<std::string>();
    return is_text ? at->second.get<std::string>() : std::string();
}

// Running, or to be started by a call.
bool can_be_asked(sdbus::IConnection& bus) {
    auto daemon = sdbus::createProxy(bus, kBus, "/org/freedesktop/DBus");
    for (const char* method : {"ListNames", "ListActivatableNames"}) {
        std::vector<std::string> names;
        daemon->callMethod(method).onInterface(kBus).storeResultsTo(names);
        if (std::find(names.begin(), names.end(), kService) != names.end()) return true;
    }
    return false;
}

class FwupdDevices final : public FirmwareInventory {
public:
    [[nodiscard]] Result<std::vector<FirmwareItem>> items() override {
        try {
            const auto bus = connect();
            if (!bus || !can_be_asked(*bus)) return std::vector<FirmwareItem>();
            return ask(*bus);
        } catch (const sdbus::Error& error) {
            return Error(Errc::unavailable, "fwupd: " + error.getName() + ": " + error.getMessage());
        }
    }

private:
    // Nothing on a machine without a system bus: there is no fwupd either.
    static std::unique_ptr<sdbus::IConnection> connect() {
        try {
            auto bus = sdbus::createSystemBusConnection();
            bus->setMethodCallTimeout(kCallTimeout);
            return bus;
        } catch (const sdbus::Error&) {
            return nullptr;
        }
    }

    static std::vector<FirmwareItem> ask(sdbus::IConnection& bus) {
        auto fwupd = sdbus::createProxy(bus, kService, "/");
        std::vector<Properties> devices;
        fwupd->callMethod("GetDevices").onInterface(kService).storeResultsTo(devices);
        const auto version = fwupd->getProperty("DaemonVersion").onInterface(kService);
        const std::string told_by =
            "fwupd/" + (version.containsValueOfType<std::string>()
                            ? as_token(version.get<std::string>(), 48).value_or("unknown")
                            : std::string("unknown"));
        std::vector<FirmwareItem> items;
        for (const Properties& device : devices) {
            auto name = as_token(text_in(device, "Name").substr(0, 48), 48);
            const std::string firmware = text_in(device, "Version");
            if (!name || firmware.empty() || firmware.size() > 64 || items.size() >= kDevicesMax) continue;
            std::replace(name->begin(), name->end(), '/', '_');
            items.push_back({"fwupd:" + *name, firmware, std::nullopt, told_by});
        }
        return items;
    }
};

}  // namespace

std::unique_ptr<FirmwareInventory> make_fwupd_devices() { return std::make_unique<FwupdDevices>(); }

}  // namespace sallyport::agent
