// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/usb_sensor.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>

#include "agent/sensors/usb/device_hash.hpp"
#include "agent/sensors/usb/device_kind.hpp"
#include "agent/sensors/usb/libusb_bus.hpp"
#include "agent/sensors/usb/mount_table.hpp"
#include "agent/sensors/usb/udev_mounts.hpp"
#include "agent/sensors/usb/usb_bus.hpp"

namespace sallyport::agent {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};

Record describe(const UsbDevice& device) {
    const DeviceKind kind = kind_of(device);
    List classes;
    for (auto& name : class_names(device))
        classes.emplace_back(std::move(name));
    return {{"vid", usb_id(device.vid)},
            {"pid", usb_id(device.pid)},
            {"serial_hash", device_hash(device.vid, device.pid, device.serial)},
            {"serial_present", !device.serial.empty()},
            {"classes", std::move(classes)},
            {"is_storage", kind.storage},
            {"is_hid", kind.hid},
            {"is_keyboard", kind.keyboard},
            {"is_net", kind.net},
            {"is_mtp", kind.mtp},
            {"port", device.port},
            {"external", device.external},
            {"decision", "allowed"}};
}

std::string_view to_text(Encryption encryption) {
    switch (encryption) {
        case Encryption::yes:
            return "yes";
        case Encryption::no:
            return "no";
        case Encryption::unknown:
            break;
    }
    return "unknown";
}

class UsbSensor final : public Sensor {
public:
    UsbSensor(std::unique_ptr<UsbBus> bus, std::unique_ptr<MountTable> mounts, const UsbOptions& options)
        : bus_(std::move(bus)), mounts_(std::move(mounts)), options_(options) {}

    [[nodiscard]] std::string_view name() const override { return "usb"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    using Known = std::map<UsbAddress, UsbDevice>;
    using Moment = std::optional<WallTime>;  // empty: some time while nobody looked
    struct Difference {
        std::vector<UsbAddress> gone;
        std::vector<UsbDevice> come;
        bool operator==(const Difference&) const = default;
        [[nodiscard]] std::size_t size() const { return gone.size() + come.size(); }
    };

    [[nodiscard]] Result<void> watch(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<void> start(const SensorContext& context);
    [[nodiscard]] Result<void> next(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<void> handle(const UsbChange& change, const SensorContext& context);
    [[nodiscard]] Result<void> audit(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<bool> drain(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<Difference> difference();

    [[nodiscard]] Result<void> settle(const Difference& difference, const SensorContext& context);
    [[nodiscard]] Result<void> attach(const UsbDevice& device, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> detach(UsbAddress address, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> compare_mounts(Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> report_mount(const UsbMount& mount, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> report_gap(std::string_view reason, std::size_t missed,
                                          const SensorContext& context);
    void report_health(const SensorContext& context);

    std::unique_ptr<UsbBus> bus_;
    std::unique_ptr<MountTable> mounts_;
    const UsbOptions options_;
    Known known_;                    // moves on only when the sink has taken the observation
    std::set<std::string> mounted_;  // likewise
    Difference doubted_;
    MonotonicTime audit_at_{};
    std::atomic<bool> mounts_changed_ = false;
    bool mounts_known_ = true;
    bool first_run_ = true;
};

Result<void> UsbSensor::run(std::stop_token stop, const SensorContext& context) {
    auto watched = mounts_->watch([this] {
        mounts_changed_ = true;
        bus_->wake();
    });
    mounts_known_ = watched.ok();
    auto done = watch(stop, context);
    mounts_->unwatch();
    if (!done) return done.error().within("usb");
    return {};
}

Result<void> UsbSensor::watch(std::stop_token stop, const SensorContext& context) {
    if (auto started = start(context); !started) return started;
    while (!stop.stop_requested())
        if (auto done = next(stop, context); !done) return done;
    return {};
}

// Listening begins before listing, so that nothing falls between the two.
Result<void> UsbSensor::start(const SensorContext& context) {
    if (auto opened = bus_->open(); !opened) {
        context.health.report(name(), SensorState::absent, "bus_missing");
        return opened;
    }
    auto found = difference();
    if (!found) return found.error();
    if (auto settled = settle(*found, context); !settled) return settled;
    if (auto compared = compare_mounts(std::nullopt, context); !compared) return compared;
    first_run_ = false;
    doubted_ = {};
    audit_at_ = context.clock.monotonic() + options_.audit;
    report_health(context);
    return {};
}

Result<void> UsbSensor::next(std::stop_token stop, const SensorContext& context) {
    const MonotonicTime now = context.clock.monotonic();
    const auto pause =
        now < audit_at_ ? std::chrono::duration_cast<std::chrono::milliseconds>(audit_at_ - now) : kAtOnce;
    auto change = bus_->wait(stop, pause);
    if (!change) {
        if (auto told = report_gap("bus_error", 0, context); !told) return told;
        return start(context);
    }
    if (*change) return handle(**change, context);
    if (mounts_changed_.exchange(false))
        if (auto compared = compare_mounts(context.clock.now(), context); !compared) return compared;
    return context.clock.monotonic() >= audit_at_ ? audit(stop, context) : Result<void>();
}

Result<void> UsbSensor::handle(const UsbChange& change, const SensorContext& context) {
    const WallTime now = context.clock.now();
    auto done = change.kind == UsbChange::Kind::attached ? attach(change.device.value(), now, context)
                                                         : detach(change.address, now, context);
    if (!done) return done;
    report_health(context);
    return compare_mounts(now, context);
}

// A device that is just on its way may stand in the listing before its message comes: only what differs
// twice, with no message in between, was missed.
Result<void> UsbSensor::audit(std::stop_token stop, const SensorContext& context) {
    audit_at_ = context.clock.monotonic() + options_.audit;
    auto found = difference();
    if (!found) return found.error();
    auto came = drain(stop, context);
    if (!came) return came.error();
    if (*came || found->size() == 0) {
        doubted_ = {};
        return {};
    }
    if (*found != doubted_) {
        doubted_ = std::move(*found);
        audit_at_ = context.clock.monotonic() + options_.confirmation;
        return {};
    }
    if (auto told = report_gap("hotplug_missed", found->size(), context); !told) return told;
    doubted_ = {};
    if (auto settled = settle(*found, context); !settled) return settled;
    report_health(context);
    return {};
}

// Whether anything was waiting.
Result<bool> UsbSensor::drain(std::stop_token stop, const SensorContext& context) {
    for (bool any = false;; any = true) {
        auto change = bus_->wait(stop, kAtOnce);
        if (!change) return change.error();
        if (!*change) return any;
        if (auto done = handle(**change, context); !done) return done.error();
    }
}

Result<UsbSensor::Difference> UsbSensor::difference() {
    std::vector<UsbDevice> before;
    for (const auto& [address, device] : known_)
        before.push_back(device);
    auto present = bus_->devices(before);
    if (!present) return present.error();
    Difference found;
    const auto same = [](const UsbDevice& one) {
        return [&](const UsbDevice& other) { return one == other; };
    };
    for (const UsbDevice& device : before)
        if (std::none_of(present->begin(), present->end(), same(device)))
            found.gone.push_back(device.address);
    for (UsbDevice& device : *present)
        if (std::none_of(before.begin(), before.end(), same(device))) found.come.push_back(std::move(device));
    return found;
}

Result<void> UsbSensor::settle(const Difference& difference, const SensorContext& context) {
    for (const UsbAddress address : difference.gone)
        if (auto done = detach(address, std::nullopt, context); !done) return done;
    for (const UsbDevice& device : difference.come)
        if (auto done = attach(device, std::nullopt, context); !done) return done;
    return {};
}

Result<void> UsbSensor::attach(const UsbDevice& device, Moment at, const SensorContext& context) {
    if (const auto before = known_.find(device.address); before != known_.end()) {
        if (before->second == device) return {};  // listed before its message came
        if (auto left = detach(device.address, at, context); !left) return left;
    }
    if (!device.hub) {
        Record body = describe(device);
        if (first_run_) body.set("present_at_start", true);
        if (auto taken = context.sink.take({"usb.attach", std::move(body), at, {}, {}}); !taken) return taken;
    }
    known_[device.address] = device;
    return {};
}

Result<void> UsbSensor::detach(UsbAddress address, Moment at, const SensorContext& context) {
    const auto device = known_.find(address);
    if (device == known_.end()) return {};
    if (!device->second.hub)
        if (auto taken = context.sink.take({"usb.detach", describe(device->second), at, {}, {}}); !taken)
            return taken;
    known_.erase(device);
    return {};
}

Result<void> UsbSensor::compare_mounts(Moment at, const SensorContext& context) {
    auto present = mounts_->mounts();
    mounts_known_ = present.ok();
    if (!present) {
        report_health(context);
        return {};
    }
    std::set<std::string> still;
    for (const UsbMount& mount : *present) {
        // Its device's message is still on the way: it is looked at again when that has come.
        if (!known_.contains(mount.device)) continue;
        if (!mounted_.contains(mount.id))
            if (auto done = report_mount(mount, at, context); !done) return done;
        mounted_.insert(mount.id);
        still.insert(mount.id);
    }
    mounted_ = std::move(still);
    return {};
}

Result<void> UsbSensor::report_mount(const UsbMount& mount, Moment at, const SensorContext& context) {
    const UsbDevice& device = known_.at(mount.device);
    Record body{{"serial_hash", device_hash(device.vid, device.pid, device.serial)},
                {"fs_kind", mount.fs_kind},
                {"encrypted", to_text(mount.encrypted)},
                {"read_only", mount.read_only},
                {"size_mb", mount.size_mb}};
    return context.sink.take({"usb.mount", std::move(body), at, {}, {}});
}

Result<void> UsbSensor::report_gap(std::string_view reason, std::size_t missed,
                                   const SensorContext& context) {
    Record body{{"sensor", name()}, {"reason", reason}};
    if (missed > 0) body.set("missed", std::uint64_t{missed});
    return context.sink.take({"agent.gap", std::move(body), context.clock.now(), {}, {}});
}

void UsbSensor::report_health(const SensorContext& context) {
    if (known_.empty())
        context.health.report(name(), SensorState::absent, "bus_missing");
    else if (!mounts_known_)
        context.health.report(name(), SensorState::degraded, "mounts_unreadable");
    else
        context.health.report(name(), SensorState::ok, "");
}

}  // namespace

std::unique_ptr<Sensor> make_usb_sensor() {
    return make_usb_sensor(make_libusb_bus(), make_udev_mounts());
}

std::unique_ptr<Sensor> make_usb_sensor(std::unique_ptr<UsbBus> bus, std::unique_ptr<MountTable> mounts,
                                        const UsbOptions& options) {
    return std::make_unique<UsbSensor>(std::move(bus), std::move(mounts), options);
}

}  // namespace sallyport::agent
