// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/settings_watch.hpp"

#include <algorithm>
#include <map>

#include "agent/sensors/host/desktop_policy.hpp"

namespace sallyport::agent {
namespace {

class SettingsWatch final : public HostWatch {
public:
    explicit SettingsWatch(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] std::string_view name() const override { return "lock_policy"; }
    [[nodiscard]] bool is_stirred_by(const Stir&) const override { return false; }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::hours(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override {
        const auto settings = read_desktop_policy(root_);
        const bool locks = std::any_of(settings.begin(), settings.end(),
                                       [](const PolicySetting& setting) { return setting.name == "lock_timeout"; });
        for (const PolicySetting& setting : settings)
            if (auto told = tell(setting, context); !told) return told;
        context.health.report(name(), locks ? SensorState::ok : SensorState::absent, locks ? "" : "nothing_prescribed");
        return {};
    }

private:
    [[nodiscard]] Result<void> tell(const PolicySetting& setting, const SensorContext& context) {
        const auto known = told_.find(setting.name);
        if (known != told_.end() && known->second == setting) return {};
        Observation seen;
        seen.type = "policy.setting";
        seen.body = {{"name", setting.name}, {"value", setting.value}};
        if (known != told_.end()) seen.body.set("previous", known->second.value);
        seen.body.set("compliant", setting.compliant);
        if (auto taken = context.sink.take(seen); !taken) return taken;
        told_.insert_or_assign(setting.name, setting);
        return {};
    }

    const std::filesystem::path root_;
    std::map<std::string_view, PolicySetting> told_;
};

}  // namespace

std::unique_ptr<HostWatch> make_settings_watch(std::filesystem::path root) {
    return std::make_unique<SettingsWatch>(std::move(root));
}

}  // namespace sallyport::agent
