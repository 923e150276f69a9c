// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/settings_ledger.hpp"

#include <optional>

#include "protocol/files.hpp"

namespace sallyport::agent {

std::vector<PrintSetting> SettingsLedger::read() const {
    const auto conf = read_file(folder_ / "cupsd.conf");
    const auto files = read_file(folder_ / "cups-files.conf");
    const bool absent = !files && files.error().code() == Errc::not_found;
    if (!conf || (!files && !absent)) return unknown_print_settings();
    return read_print_settings(*conf, absent ? std::string_view() : *files);
}

Result<void> SettingsLedger::report(const SensorContext& context) {
    if (folder_.empty()) return {};
    for (const PrintSetting& setting : read()) {
        const auto known = told_.find(setting.name);
        if (known != told_.end() && known->second == setting.value) continue;
        Observation seen;
        seen.type = "policy.setting";
        seen.body = {{"name", setting.name}, {"value", setting.value}, {"compliant", setting.compliant}};
        if (known != told_.end()) {
            seen.body.set("previous", known->second);
            seen.occurred_at = context.clock.now();
        }
        if (auto taken = context.sink.take(seen); !taken) return taken;
        told_[setting.name] = setting.value;
    }
    return {};
}

}  // namespace sallyport::agent
