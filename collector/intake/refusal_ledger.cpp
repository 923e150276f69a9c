// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/refusal_ledger.hpp"

namespace sallyport::intake {
namespace {

constexpr std::chrono::minutes kOneEach{1};
constexpr std::size_t kEntriesMax = 4096;
// Beyond the bound, topics are no longer told apart; what is refused is still counted.
constexpr const char* kEverythingElse = "?";

Record body_of(const Refusal& refusal, std::string_view topic, std::string_view payload) {
    Record body;
    if (!refusal.terminal.empty())
        body.set("terminal", refusal.terminal);
    body.set("reason", refusal.reason);
    body.set("sha256", to_hex(sha256(bytes_of(payload))));
    body.set("size", static_cast<std::int64_t>(payload.size()));
    body.set("topic_sha256", to_hex(sha256(bytes_of(topic))));
    return body;
}

}  // namespace

std::optional<Notice> RefusalLedger::note(const Refusal& refusal, std::string_view topic, std::string_view payload,
                                          WallTime now) {
    // The topic is the sender's to choose, up to 64 KiB of it.
    std::string key = refusal.reason + ' ' + to_hex(sha256(bytes_of(topic)));
    if (entries_.size() >= kEntriesMax && !entries_.contains(key))
        key = refusal.reason + ' ' + kEverythingElse;
    auto [at, first] = entries_.try_emplace(key);
    Entry& entry = at->second;
    if (!first && now - entry.told < kOneEach) {
        if (entry.held_back++ == 0)
            entry.body = body_of(refusal, topic, payload);
        return std::nullopt;
    }
    entry.body = body_of(refusal, topic, payload);
    entry.told = now;
    if (entry.held_back > 0)
        entry.body.set("repeated", entry.held_back);
    entry.held_back = 0;
    return Notice{"server.refusal", entry.body, now};
}

std::vector<Notice> RefusalLedger::due(WallTime now) {
    std::vector<Notice> notices;
    for (auto at = entries_.begin(); at != entries_.end();) {
        Entry& entry = at->second;
        if (now - entry.told < kOneEach) {
            ++at;
            continue;
        }
        if (entry.held_back == 0) {
            at = entries_.erase(at);
            continue;
        }
        entry.body.set("repeated", entry.held_back);
        notices.push_back({"server.refusal", entry.body, now});
        entry.held_back = 0;
        entry.told = now;
        ++at;
    }
    return notices;
}

}  // namespace sallyport::intake
