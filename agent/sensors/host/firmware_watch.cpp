// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/firmware_watch.hpp"

#include "agent/sensors/watch_memory.hpp"

namespace sallyport::agent {
namespace {

constexpr MonotonicTime kRepeat{24ull * 60 * 60 * 1000};

Record remembered(const FirmwareItem& item) {
    Record known{{"version", item.version}, {"told_by", item.told_by}};
    if (item.digest) known.set("digest", *item.digest);
    return known;
}

class FirmwareWatch final : public HostWatch {
public:
    FirmwareWatch(const FirmwareOptions& options, std::unique_ptr<FirmwareInventory> kernel,
                  std::unique_ptr<FirmwareInventory> updater)
        : posture_(options.posture), memory_(options.memory_file), kernel_(std::move(kernel)), updater_(std::move(updater)) {}

    [[nodiscard]] std::string_view name() const override { return "firmware"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        return stir.kind == Stir::Kind::device && stir.what == "nvme";
    }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::hours(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override;

private:
    [[nodiscard]] Result<void> tell(const FirmwareItem& item, bool repeat, const SensorContext& context);

    const std::optional<posture::TerminalPosture> posture_;
    WatchMemory memory_;  // component -> what was last told of it
    std::unique_ptr<FirmwareInventory> kernel_, updater_;
    std::optional<MonotonicTime> repeated_at_;
    bool any_ = false;
};

Result<void> FirmwareWatch::look(const SensorContext& context, Following&) {
    const MonotonicTime now = context.clock.monotonic();
    const bool repeat = !repeated_at_ || now >= *repeated_at_ + kRepeat;
    auto items = kernel_->items();
    if (!items) return items.error();
    std::string_view trouble;
    if (repeat) {
        auto more = updater_->items();
        if (more) items->insert(items->end(), more->begin(), more->end());
        if (!more) trouble = "fwupd_unavailable";
    }
    for (const FirmwareItem& item : *items)
        if (auto told = tell(item, repeat, context); !told) return told;
    if (repeat) any_ = !items->empty();
    if (repeat) repeated_at_ = now;
    if (!memory_.save()) trouble = "memory_not_writable";
    if (!trouble.empty())
        context.health.report(name(), SensorState::degraded, trouble);
    else
        context.health.report(name(), any_ ? SensorState::ok : SensorState::absent, any_ ? "" : "no_firmware_tables");
    return {};
}

Result<void> FirmwareWatch::tell(const FirmwareItem& item, bool repeat, const SensorContext& context) {
    const Record before = memory_.find(item.component);
    const Record now = remembered(item);
    if (!repeat && before == now) return {};
    Record body{{"component", item.component}, {"version", item.version}};
    if (item.digest) body.set("digest", *item.digest);
    const bool comparable = text_of(before, "told_by") == item.told_by && before != now;
    if (comparable) body.set("previous_version", text_of(before, "version"));
    if (comparable && before.contains("digest")) body.set("previous_digest", text_of(before, "digest"));
    body.set("told_by", item.told_by);
    if (posture_)
        if (const auto expected = posture::is_expected(*posture_, item.component, item.version)) body.set("expected", *expected);
    Observation seen;
    seen.type = "device.firmware";
    seen.body = std::move(body);
    seen.occurred_at = context.clock.now();
    if (auto taken = context.sink.take(seen); !taken) return taken;
    memory_.set(item.component, now);
    return {};
}

}  // namespace

std::unique_ptr<HostWatch> make_firmware_watch(const FirmwareOptions& options) {
    return make_firmware_watch(options, make_linux_firmware(), make_fwupd_devices());
}

std::unique_ptr<HostWatch> make_firmware_watch(const FirmwareOptions& options, std::unique_ptr<FirmwareInventory> kernel,
                                               std::unique_ptr<FirmwareInventory> updater) {
    return std::make_unique<FirmwareWatch>(options, std::move(kernel), std::move(updater));
}

}  // namespace sallyport::agent
