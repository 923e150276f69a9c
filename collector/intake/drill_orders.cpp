// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/drill_orders.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "protocol/terminal_config.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {
namespace {

constexpr MonotonicTime kSaidAgain{10'000};

}  // namespace

Result<void> DrillOrders::read(Database& database, WallTime now) {
    auto unheard = store::unheard_drills(database, now);
    if (!unheard) return unheard.error().within("drill orders");
    const std::scoped_lock lock(mutex_);
    unheard_ = std::move(*unheard);
    std::erase_if(said_at_, [&](const auto& said) {
        return std::none_of(unheard_.begin(), unheard_.end(), [&](const auto& one) { return one.order.nonce == said.first; });
    });
    return {};
}

std::vector<MqttMessage> DrillOrders::due(const SigningKey& collector, MonotonicTime now) {
    const std::scoped_lock lock(mutex_);
    std::vector<MqttMessage> messages;
    for (const store::Drill& drill : unheard_) {
        const auto said = said_at_.find(drill.order.nonce);
        if (said != said_at_.end() && now - said->second < kSaidAgain) continue;
        said_at_[drill.order.nonce] = now;
        auto text = encode_config({drill.terminal_id, drill.version, drill.order.begins_at, drill.order}, collector);
        if (!text)
            spdlog::error("intake: drill of {}: {}", drill.terminal_id, text.error().message());
        else
            messages.push_back({to_string(Topic{drill.ori, drill.terminal_id, Channel::config}), std::move(*text), 1, true});
    }
    return messages;
}

}  // namespace sallyport::intake
