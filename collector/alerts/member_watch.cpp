// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/member_watch.hpp"

#include "collector/store/terminal_repository.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::chrono::seconds kStuckAfter{60};  // system.md 9.4: then it is a gap

}  // namespace

// Hours and windows begin and end with a minute; what is registered changes with its generation. Records of all terminals
// are never held at once.
bool MemberWatch::tell(rules::Engine& engine, bool due, WallTime now, std::vector<rules::Finding>& findings) {
    if (!engine.watches(kTerminals)) return false;
    const auto pause = due ? std::chrono::milliseconds(kLookEvery) : kTellEvery;
    if (told_ && now - *told_ < pause) return false;
    told_ = now;
    const std::int64_t generation = enrichment_.generation();
    const WallTime minute = std::chrono::floor<std::chrono::minutes>(now);
    if (generation == generation_ && minute == minute_ && engine.expect_same(kTerminals, now, findings))
        return true;
    generation_ = generation;
    minute_ = minute;
    const rules::Members members = [&](const auto& use) {
        enrichment_.each_expected(now, [&](const std::string& terminal) { use(fields_of(terminal, now)); });
    };
    engine.expect(kTerminals, members, now, findings);
    return true;
}

Record MemberWatch::fields_of(const std::string& terminal, WallTime now) {
    Event moment;
    moment.terminal_id = terminal;
    moment.occurred_at = moment.observed_at = now;
    Record fields{{"terminal_id", terminal}};
    for (const auto& [name, value] : enrichment_.fields_for(moment, terminal, now))
        fields.append(name, value);
    return fields;
}

std::string MemberWatch::ori_of(const std::string& terminal, WallTime now) {
    return enrichment_.ori_of(terminal, now);
}

Result<void> MemberWatch::await_terminals(rules::Engine& engine, bool due, WallTime now,
                                          WallTime listening_since) {
    const bool again = !awaited_.empty() && (!asked_ || now - *asked_ >= kLookEvery);
    if (!due && !again) return {};
    asked_ = now;
    Awaited awaited;
    if (auto done = find_returning(listening_since, awaited); !done) return done;
    if (auto done = find_backlogs(now, awaited); !done) return done;
    for (const auto& [terminal, complete_to] : awaited)
        if (const auto before = awaited_.find(terminal);
            before == awaited_.end() || before->second != complete_to)
            engine.await("terminal_id", terminal, complete_to);
    for (const auto& [terminal, complete_to] : awaited_)
        if (!awaited.contains(terminal)) engine.await("terminal_id", terminal, std::nullopt);
    awaited_ = std::move(awaited);
    return {};
}

// What happened there while nobody listened is in its spool. Liveness ends the wait: a terminal that does not come
// back within three heartbeats is alive no longer.
Result<void> MemberWatch::find_returning(WallTime listening_since, Awaited& awaited) {
    auto unheard = store::unheard_since(reader_, listening_since);
    if (!unheard) return unheard.error();
    for (const store::UnheardTerminal& one : *unheard)
        awaited[one.terminal_id] = one.last_seen_at;
    return {};
}

Result<void> MemberWatch::find_backlogs(WallTime now, Awaited& awaited) {
    auto behind = store::backlogs(reader_);
    if (!behind) return behind.error();
    std::map<std::string, Backlog> known;
    for (const store::TerminalBacklog& one : *behind) {
        const auto before = backlogs_.find(one.terminal_id);
        const bool stands = before != backlogs_.end() && before->second.instance == one.instance &&
                            before->second.last_seq == one.last_seq;
        const WallTime since = stands ? before->second.since : now;
        known[one.terminal_id] = {one.instance, one.last_seq, since};
        if (now - since < kStuckAfter) awaited[one.terminal_id] = one.complete_to.value_or(WallTime{});
    }
    backlogs_ = std::move(known);
    return {};
}

}  // namespace sallyport::alerts
