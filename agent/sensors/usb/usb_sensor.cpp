// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/usb_sensor.hpp"

#include <algorithm>
#include <atomic>
#include <set>

#include "agent/sensors/usb/departures.hpp"
#include "protocol/usb_identity.hpp"
#include "agent/sensors/usb/device_record.hpp"
#include "agent/sensors/usb/libusb_bus.hpp"
#include "agent/sensors/usb/udev_mounts.hpp"
#include "agent/sensors/usb/usb_parts.hpp"
#include "agent/sensors/usb/write_volume.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAtOnce{0};
constexpr milliseconds kAfterUnmount{1'000};  // what was waiting is written then
constexpr milliseconds kSleptLonger{5'000};   // than was asked for: the machine slept, or the clock of it did

bool is_blocked(const Record& body) { return text_of(body, "decision") == "blocked"; }

bool is_disk(const UsbInterface& interface) { return interface.type == 0x08; }

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
    UsbSensor(UsbParts parts, const UsbOptions& options)
        : bus_(std::move(parts.bus)),
          mounts_(std::move(parts.mounts)),
          writes_(std::move(parts.writes)),
          guard_(std::move(parts.guard)),
          options_(options),
          departures_(options.resettle, options.resettle_after_sleep),
          volume_(options.write_told) {}

    [[nodiscard]] std::string_view name() const override { return "usb"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
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
    [[nodiscard]] Result<std::optional<UsbChange>> wait(std::stop_token stop, const SensorContext& context);
    void look_at_the_machine(MonotonicTime now);
    [[nodiscard]] milliseconds pause(MonotonicTime now) const;
    [[nodiscard]] Result<void> handle(const UsbChange& change, const SensorContext& context);
    [[nodiscard]] Result<void> look_around(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<void> make_up_for_drops(const SensorContext& context);
    [[nodiscard]] Result<void> audit(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<bool> drain(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<Difference> difference();

    [[nodiscard]] Result<void> settle(const Difference& difference, const SensorContext& context);
    [[nodiscard]] Result<void> attach(const UsbDevice& device, Moment at, const SensorContext& context);
    [[nodiscard]] Record judge(const UsbDevice& device);
    [[nodiscard]] Result<void> report_attach(const UsbDevice& device, Record body, Moment at,
                                             const SensorContext& context);
    [[nodiscard]] Result<void> tell_attach(Observation seen, const SensorContext& context);
    [[nodiscard]] Result<void> readmit(const SensorContext& context);
    [[nodiscard]] Result<void> detach(UsbAddress address, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> tell_departures(const SensorContext& context, bool at_the_end = false);
    [[nodiscard]] Result<void> compare_mounts(Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> report_mount(const UsbMount& mount, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> look_at_writes(const SensorContext& context, bool at_the_end = false);
    [[nodiscard]] Result<void> report_gap(std::string_view reason, std::uint64_t missed,
                                          const SensorContext& context);
    [[nodiscard]] bool has_disk() const;
    void report_health(const SensorContext& context);

    std::unique_ptr<UsbBus> bus_;
    std::unique_ptr<MountTable> mounts_;
    std::unique_ptr<WriteCounters> writes_;
    std::unique_ptr<UsbGuard> guard_;
    const UsbOptions options_;
    KnownDevices known_;                   // moves on only when the sink has taken the observation
    std::map<UsbAddress, Record> told_;    // as which
    Departures departures_;                // likewise
    std::set<std::string> mounted_;        // likewise
    std::set<UsbAddress> system_;          // that the machine ran from when the sensor began
    WriteVolume volume_;                   // likewise
    Difference doubted_;
    MonotonicTime audit_at_{}, writes_at_{};
    std::uint64_t dropped_ = 0;
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
    if (auto told = look_at_writes(context, true); !told) return told;
    return tell_departures(context, true);
}

// Listening begins before listing, so that nothing falls between the two.
Result<void> UsbSensor::start(const SensorContext& context) {
    if (auto opened = bus_->open(); !opened) {
        context.health.report(name(), SensorState::absent, "bus_missing");
        return opened;
    }
    dropped_ = 0;
    auto found = difference();
    if (!found) return found.error();
    const MonotonicTime now = context.clock.monotonic();
    if (first_run_) look_at_the_machine(now);
    if (auto settled = settle(*found, context); !settled) return settled;
    if (auto compared = compare_mounts(std::nullopt, context); !compared) return compared;
    first_run_ = false;
    doubted_ = {};
    audit_at_ = now + options_.audit;
    writes_at_ = now + options_.write_busy;
    report_health(context);
    return {};
}

// What was so before the sensor began.
void UsbSensor::look_at_the_machine(MonotonicTime now) {
    volume_.begin(writes_->read(), now);
    if (auto mounts = mounts_->mounts())
        for (const UsbMount& mount : *mounts)
            if (mount.system) system_.insert(mount.device);
}

// Until the first thing that is due by itself.
milliseconds UsbSensor::pause(MonotonicTime now) const {
    MonotonicTime until = std::min(audit_at_, departures_.next().value_or(audit_at_));
    if (has_disk() || volume_.waits()) until = std::min(until, writes_at_);
    return now < until ? std::chrono::duration_cast<milliseconds>(until - now) : kAtOnce;
}

Result<std::optional<UsbChange>> UsbSensor::wait(std::stop_token stop, const SensorContext& context) {
    const MonotonicTime before = context.clock.monotonic();
    const milliseconds asked = pause(before);
    auto change = bus_->wait(stop, asked);
    const MonotonicTime now = context.clock.monotonic();
    if (now - before > asked + kSleptLonger) departures_.wake(now);
    return change;
}

Result<void> UsbSensor::next(std::stop_token stop, const SensorContext& context) {
    auto change = wait(stop, context);
    if (!change) {
        if (auto told = report_gap("bus_error", 0, context); !told) return told;
        return start(context);
    }
    if (*change)
        if (auto done = handle(**change, context); !done) return done;
    if (auto made_up = make_up_for_drops(context); !made_up) return made_up;
    if (auto told = tell_departures(context); !told) return told;
    return *change ? Result<void>() : look_around(stop, context);
}

// What is to be done when the bus is quiet.
Result<void> UsbSensor::look_around(std::stop_token stop, const SensorContext& context) {
    if (mounts_changed_.exchange(false))
        if (auto compared = compare_mounts(context.clock.now(), context); !compared) return compared;
    const MonotonicTime now = context.clock.monotonic();
    if (now >= writes_at_ && (has_disk() || volume_.waits()))
        if (auto looked = look_at_writes(context); !looked) return looked;
    return now >= audit_at_ ? audit(stop, context) : Result<void>();
}

Result<void> UsbSensor::handle(const UsbChange& change, const SensorContext& context) {
    const WallTime now = context.clock.now();
    auto done = change.kind == UsbChange::Kind::attached ? attach(change.device.value(), now, context)
                                                         : detach(change.address, now, context);
    if (!done) return done;
    report_health(context);
    return compare_mounts(now, context);
}

// ENOBUFS: the kernel counted what it had to drop. What the bus looks like now is all that can still be known.
Result<void> UsbSensor::make_up_for_drops(const SensorContext& context) {
    const std::uint64_t dropped = bus_->dropped();
    if (dropped <= dropped_) return {};
    if (auto told = report_gap("kernel_buffer_overrun", dropped - dropped_, context); !told) return told;
    dropped_ = dropped;
    auto found = difference();
    if (!found) return found.error();
    if (auto settled = settle(*found, context); !settled) return settled;
    report_health(context);
    return compare_mounts(std::nullopt, context);
}

// A device that is just on its way may stand in the listing before its message comes: only what differs
// twice, with no message in between, was missed.
Result<void> UsbSensor::audit(std::stop_token stop, const SensorContext& context) {
    audit_at_ = context.clock.monotonic() + options_.audit;
    if (auto asked = readmit(context); !asked) return asked;
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
    Record body = judge(device);
    if (!device.hub)
        if (auto told = report_attach(device, body, at, context); !told) return told;
    known_[device.address] = device;
    told_[device.address] = std::move(body);
    return {};
}

// Described, and let in or held back where somebody decides.
Record UsbSensor::judge(const UsbDevice& device) {
    Record body = describe(device, known_);
    if (guard_ == nullptr) return body;
    const Verdict verdict = guard_->admit(device, known_, {first_run_, system_.contains(device.address)});
    body.set("decision", verdict.allowed ? "allowed" : "blocked");
    body.set("rule", verdict.rule);
    body.set("rule_set", verdict.rule_set);
    return body;
}

// What was held back is asked for again: the list may be another one now, or the switch works.
Result<void> UsbSensor::readmit(const SensorContext& context) {
    if (guard_ == nullptr) return {};
    static_cast<void>(guard_->refresh());
    for (const auto& [address, device] : known_) {
        if (device.hub || !is_blocked(told_[address])) continue;
        Record body = judge(device);
        if (is_blocked(body)) continue;
        if (auto taken = context.sink.take({"usb.attach", body, context.clock.now(), {}, {}}); !taken) return taken;
        told_[address] = std::move(body);
    }
    report_health(context);
    return {};
}

// One that had only just left is back: nothing came and nothing went.
Result<void> UsbSensor::report_attach(const UsbDevice& device, Record body, Moment at, const SensorContext& context) {
    const auto outcome = is_blocked(body) ? EventOutcome::blocked : EventOutcome::detected;
    const Departure* back = departures_.find_return(device);
    if (back == nullptr) {
        if (first_run_) body.set("present_at_start", true);
        return tell_attach({"usb.attach", std::move(body), at, {}, {}, outcome}, context);
    }
    body.set("previous_port", back->device.port);
    body.set("gone_ms", static_cast<std::int64_t>((context.clock.monotonic() - back->left).count()));
    if (auto taken = context.sink.take({"usb.reenumerate", std::move(body), at, {}, {}, outcome}); !taken)
        return taken;
    departures_.remove(*back);
    return {};
}

// The drill's own stick, seen as it was plugged in, carries its mark; any other is told as ever.
Result<void> UsbSensor::tell_attach(Observation seen, const SensorContext& context) {
    const auto drill = seen.occurred_at ? context.drill.cue(name()) : std::nullopt;
    if (drill && is_cued(*drill, seen.type, seen.body)) seen.drill = drill->nonce;
    if (auto taken = context.sink.take(seen); !taken) return taken;
    if (seen.drill) context.drill.done(name());
    return {};
}

Result<void> UsbSensor::detach(UsbAddress address, Moment at, const SensorContext& context) {
    const auto device = known_.find(address);
    if (device == known_.end()) return {};
    if (!device->second.hub)
        departures_.add(device->second, std::move(told_[address]), at, context.clock.monotonic());
    told_.erase(address);
    known_.erase(device);
    return {};
}

Result<void> UsbSensor::tell_departures(const SensorContext& context, bool at_the_end) {
    const MonotonicTime now = at_the_end ? MonotonicTime::max() : context.clock.monotonic();
    while (const Departure* gone = departures_.find_due(now)) {
        if (auto taken = context.sink.take({"usb.detach", gone->body, gone->at, {}, {}}); !taken) return taken;
        departures_.remove(*gone);
    }
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
    const std::size_t before = mounted_.size();
    for (const UsbMount& mount : *present) {
        // Its device's message is still on the way: it is looked at again when that has come.
        if (!known_.contains(mount.device)) continue;
        if (!mounted_.contains(mount.id))
            if (auto done = report_mount(mount, at, context); !done) return done;
        mounted_.insert(mount.id);
        still.insert(mount.id);
    }
    // What waited in memory is written when a file system goes.
    if (still.size() < before) writes_at_ = context.clock.monotonic() + kAfterUnmount;
    if (still.size() > before) writes_at_ = std::min(writes_at_, context.clock.monotonic() + options_.write_busy);
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

bool UsbSensor::has_disk() const {
    return std::any_of(known_.begin(), known_.end(), [](const auto& entry) {
        const auto& interfaces = entry.second.interfaces;
        return entry.second.external && std::any_of(interfaces.begin(), interfaces.end(), is_disk);
    });
}

// All disks on the bus, mounted or not: a disk is written to without a file system just as well.
Result<void> UsbSensor::look_at_writes(const SensorContext& context, bool at_the_end) {
    const MonotonicTime now = context.clock.monotonic();
    for (const WriteReading& reading : writes_->read()) {
        const auto device = known_.find(reading.device);
        if (device == known_.end() || !device->second.external) continue;
        volume_.add(reading, text_of(told_[reading.device], "serial_hash"), now);
    }
    volume_.end_round(now);
    writes_at_ = now + (mounted_.empty() && !volume_.waits() ? options_.write_quiet : options_.write_busy);
    for (const WrittenVolume& volume : volume_.due(now, at_the_end)) {
        Record body{{"serial_hash", volume.serial_hash}, {"bytes", volume.bytes}, {"window_s", volume.window_s}};
        if (auto taken = context.sink.take({"usb.write", std::move(body), context.clock.now(), {}, {}}); !taken)
            return taken;
        volume_.told(volume, now);
    }
    return {};
}

Result<void> UsbSensor::report_gap(std::string_view reason, std::uint64_t missed, const SensorContext& context) {
    Record body{{"sensor", name()}, {"reason", reason}};
    if (missed > 0) body.set("missed", missed);
    return context.sink.take({"agent.gap", std::move(body), context.clock.now(), {}, {}});
}

void UsbSensor::report_health(const SensorContext& context) {
    if (known_.empty())
        context.health.report(name(), SensorState::absent, "bus_missing");
    else if (guard_ != nullptr && !guard_->trouble().empty())
        context.health.report(name(), SensorState::degraded, guard_->trouble());
    else if (!mounts_known_)
        context.health.report(name(), SensorState::degraded, "mounts_unreadable");
    else
        context.health.report(name(), SensorState::ok, "");
}

}  // namespace

std::unique_ptr<Sensor> make_usb_sensor(const UsbOptions& options) {
    return make_usb_sensor(UsbParts{make_libusb_bus(), make_udev_mounts(), make_linux_write_counters()}, options);
}

std::unique_ptr<Sensor> make_enforcing_usb_sensor(const PolicyOptions& policy, const UsbOptions& options) {
    return make_usb_sensor(UsbParts{make_libusb_bus(), make_udev_mounts(), make_linux_write_counters(),
                                    std::make_unique<UsbGuard>(make_linux_usb_switch(), policy)},
                           options);
}

std::unique_ptr<Sensor> make_usb_sensor(UsbParts parts, const UsbOptions& options) {
    return std::make_unique<UsbSensor>(std::move(parts), options);
}

}  // namespace sallyport::agent
