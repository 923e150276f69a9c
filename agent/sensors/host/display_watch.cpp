// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/display_watch.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

constexpr std::string_view kBuiltIn[] = {"edp", "lvds", "dsi"};

// `card0-HDMI-A-1` -> `hdmi_a`
std::string kind_of(const std::string& connector) {
    const auto first = connector.find('-') + 1, last = connector.rfind('-');
    std::string kind = last > first ? connector.substr(first, last - first) : connector.substr(first);
    std::transform(kind.begin(), kind.end(), kind.begin(), [](char c) {
        return c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return kind.substr(0, 32);
}

class DisplayWatch final : public HostWatch {
public:
    explicit DisplayWatch(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] std::string_view name() const override { return "display"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        return stir.kind == Stir::Kind::device && stir.what == "drm";
    }
    // A monitor that wakes up connects and disconnects for a while.
    [[nodiscard]] std::chrono::milliseconds settles_after() const override { return std::chrono::seconds(1); }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::hours(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override;

private:
    using Displays = std::map<std::string, std::string>;  // connector -> kind

    // Those that are connected; nothing where the kernel shows no connector.
    [[nodiscard]] std::optional<Displays> connected() const;
    [[nodiscard]] Result<void> tell(std::string_view action, const std::string& kind, std::size_t count,
                                    const SensorContext& context);

    const std::filesystem::path root_;
    Displays told_;
    bool first_ = true;
};

Result<void> DisplayWatch::look(const SensorContext& context, Following&) {
    const auto now = connected();
    context.health.report("display_layout", SensorState::absent, "desktop_does_not_tell");
    context.health.report(name(), now ? SensorState::ok : SensorState::absent, now ? "" : "no_connector");
    if (!now) return {};
    for (const auto& [connector, kind] : Displays(told_)) {
        if (now->contains(connector)) continue;
        if (auto told = tell("detached", kind, now->size(), context); !told) return told;
        told_.erase(connector);
    }
    for (const auto& [connector, kind] : *now) {
        if (told_.contains(connector)) continue;
        if (auto told = tell("attached", kind, now->size(), context); !told) return told;
        told_.emplace(connector, kind);
    }
    first_ = false;
    return {};
}

std::optional<DisplayWatch::Displays> DisplayWatch::connected() const {
    Displays displays;
    bool any = false;
    for (const auto& connector : entries(root_ / "sys/class/drm")) {
        const auto status = read_label(connector / "status", 16);
        any = any || status;
        if (status == "connected")
            displays.emplace(connector.filename().string(), kind_of(connector.filename().string()));
    }
    return any ? std::optional(std::move(displays)) : std::nullopt;
}

Result<void> DisplayWatch::tell(std::string_view action, const std::string& kind, std::size_t count,
                                const SensorContext& context) {
    Observation seen;
    seen.type = "display.change";
    seen.body = {{"action", action}, {"count", static_cast<std::int64_t>(count)}};
    if (std::find(std::begin(kBuiltIn), std::end(kBuiltIn), kind) == std::end(kBuiltIn))
        seen.body.set("external_kind", kind);
    if (!first_) seen.occurred_at = context.clock.now();
    return context.sink.take(seen);
}

}  // namespace

std::unique_ptr<HostWatch> make_display_watch(std::filesystem::path root) {
    return std::make_unique<DisplayWatch>(std::move(root));
}

}  // namespace sallyport::agent
