// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/chassis_watch.hpp"

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

class ChassisWatch final : public HostWatch {
public:
    explicit ChassisWatch(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] std::string_view name() const override { return "chassis"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        return stir.kind == Stir::Kind::device && stir.what == "hwmon";
    }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override {
        return fitted_ ? std::chrono::minutes(1) : std::chrono::hours(24);
    }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override {
        const auto open = is_open();
        fitted_ = open.has_value();
        context.health.report(name(), open ? SensorState::ok : SensorState::absent, open ? "" : "no_intrusion_latch");
        if (!open || open == told_) return {};
        Observation seen;
        seen.type = "device.chassis";
        seen.body = {{"state", *open ? "open" : "closed"}};
        if (told_) seen.occurred_at = context.clock.now();
        if (auto taken = context.sink.take(seen); !taken) return taken;
        told_ = open;
        return {};
    }

private:
    // Any latch of any chip; nothing where there is none.
    [[nodiscard]] std::optional<bool> is_open() const {
        std::optional<bool> open;
        for (const auto& chip : entries(root_ / "sys/class/hwmon"))
            for (const auto& file : entries(chip)) {
                const std::string name = file.filename().string();
                if (!name.starts_with("intrusion") || !name.ends_with("_alarm")) continue;
                if (const auto alarm = read_label(file, 8)) open = open.value_or(false) || *alarm == "1";
            }
        return open;
    }

    const std::filesystem::path root_;
    std::optional<bool> told_;
    bool fitted_ = false;
};

}  // namespace

std::unique_ptr<HostWatch> make_chassis_watch(std::filesystem::path root) {
    return std::make_unique<ChassisWatch>(std::move(root));
}

}  // namespace sallyport::agent
