// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/network_watch.hpp"

#include <map>

#include "agent/sensors/host/linux_network.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kLinksKept = 64;

std::string hash_of(std::string_view tag, const std::string& text) {
    return to_hex(sha256(bytes_of(tag), bytes_of(text)));
}

Record describe(const NetworkLink& link) {
    Record body{{"if_type", link.kind}, {"ip", link.address}};
    if (const std::string subnet = subnet_of(link.address, link.prefix); !subnet.empty()) body.set("subnet", subnet);
    if (link.gateway) body.set("gateway_hash", hash_of("gateway:", *link.gateway));
    if (link.ssid) body.set("ssid_hash", hash_of("ssid:", *link.ssid));
    return body;
}

class NetworkWatch final : public HostWatch {
public:
    explicit NetworkWatch(std::unique_ptr<NetworkFacts> facts) : facts_(std::move(facts)) {}

    [[nodiscard]] std::string_view name() const override { return "network"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override { return stir.kind == Stir::Kind::network; }
    [[nodiscard]] std::chrono::milliseconds settles_after() const override { return std::chrono::seconds(2); }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::hours(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following&) override {
        auto links = facts_->links();
        if (!links) return links.error();
        for (const NetworkLink& link : *links) {
            Record body = describe(link);
            const auto known = told_.find(link.name);
            if (known != told_.end() && known->second == body) continue;
            Observation seen;
            seen.type = "device.network";
            seen.body = body;
            if (!first_) seen.occurred_at = context.clock.now();
            if (auto taken = context.sink.take(seen); !taken) return taken;
            if (told_.size() >= kLinksKept && known == told_.end()) told_.clear();
            told_.insert_or_assign(link.name, std::move(body));
        }
        first_ = false;
        context.health.report(name(), SensorState::ok, "");
        return {};
    }

private:
    std::unique_ptr<NetworkFacts> facts_;
    std::map<std::string, Record> told_;  // interface -> what was last told of it
    bool first_ = true;
};

}  // namespace

std::unique_ptr<HostWatch> make_network_watch() { return make_network_watch(make_linux_network()); }

std::unique_ptr<HostWatch> make_network_watch(std::unique_ptr<NetworkFacts> facts) {
    return std::make_unique<NetworkWatch>(std::move(facts));
}

}  // namespace sallyport::agent
