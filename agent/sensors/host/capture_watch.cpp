// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/capture_watch.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEstablished = "01";

bool is_remote_desktop(const std::string& local) {
    const auto colon = local.rfind(':');
    if (colon == std::string::npos) return false;
    const unsigned long port = std::strtoul(local.c_str() + colon + 1, nullptr, 16);
    return port == 3389 || (port >= 5900 && port <= 5909);
}

class CaptureWatch final : public HostWatch {
public:
    explicit CaptureWatch(fs::path root) : root_(std::move(root)) {}

    [[nodiscard]] std::string_view name() const override { return "remote_view"; }
    [[nodiscard]] bool is_stirred_by(const Stir&) const override { return false; }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::minutes(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override {
        context.health.report("screen_capture", SensorState::absent, "desktop_does_not_tell");
        const auto now = connections();
        context.health.report(name(), now ? SensorState::ok : SensorState::absent, now ? "" : "no_connections_shown");
        if (!now) return {};
        std::erase_if(told_, [&](const std::string& connection) { return !now->contains(connection); });
        for (const std::string& connection : *now) {
            if (told_.contains(connection)) continue;
            Observation seen;
            seen.type = "screen.capture";
            seen.body = {{"method", "remote_view"}};
            if (!first_) seen.occurred_at = context.clock.now();
            if (auto taken = context.sink.take(seen); !taken) return taken;
            told_.insert(connection);
        }
        first_ = false;
        return {};
    }

private:
    // `local remote` of each that stands; nothing where the kernel shows none at all. The columns are those of proc(5).
    [[nodiscard]] std::optional<std::set<std::string>> connections() const {
        std::set<std::string> found;
        bool shown = false;
        for (const char* table : {"proc/net/tcp", "proc/net/tcp6"}) {
            std::ifstream lines(root_ / table);
            std::string line;
            shown = static_cast<bool>(std::getline(lines, line)) || shown;
            while (std::getline(lines, line)) {
                std::istringstream words(line);
                std::string number, local, remote, state;
                if (words >> number >> local >> remote >> state && state == kEstablished && is_remote_desktop(local))
                    found.insert(local + " " + remote);
            }
        }
        return shown ? std::optional(std::move(found)) : std::nullopt;
    }

    const fs::path root_;
    std::set<std::string> told_;
    bool first_ = true;
};

}  // namespace

std::unique_ptr<HostWatch> make_capture_watch(fs::path root) { return std::make_unique<CaptureWatch>(std::move(root)); }

}  // namespace sallyport::agent
