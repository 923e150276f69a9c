// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/member_watch.hpp"

#include <algorithm>

#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::chrono::seconds kStuckAfter{60};  // system.md 9.4: then it is a gap

}  // namespace

Result<std::unique_ptr<MemberWatch>> MemberWatch::open(store::Writer& writer, const Clock& clock,
                                                       registers::Enrichment& enrichment) {
    auto reader = writer.reader();
    if (!reader) return reader.error().within("members");
    auto expected = registers::ExpectedTerminals::open(writer, clock);
    if (!expected) return expected.error().within("members");
    return std::make_unique<MemberWatch>(std::move(*reader), std::move(*expected), enrichment);
}

MemberWatch::MemberWatch(Database reader, std::unique_ptr<registers::ExpectedTerminals> expected,
                         registers::Enrichment& enrichment)
    : reader_(std::move(reader)), expected_(std::move(expected)), enrichment_(enrichment) {}

Result<bool> MemberWatch::tell(rules::Engine& engine, bool due, WallTime now,
                               std::vector<rules::Finding>& findings) {
    if (!engine.watches(kTerminals)) return false;
    const auto pause = due ? std::chrono::milliseconds(kLookEvery) : kTellEvery;
    if (told_ && now - *told_ < pause) return false;
    if (auto done = read_members(now); !done) return done.error();
    engine.expect(kTerminals, members_, now, findings);
    told_ = now;
    return true;
}

// Hours and windows begin and end with a minute; what is registered changes with its generation.
Result<void> MemberWatch::read_members(WallTime now) {
    auto generation = store::register_generation(reader_);
    if (!generation) return generation.error();
    const WallTime minute = std::chrono::floor<std::chrono::minutes>(now);
    if (*generation == generation_ && minute == minute_) return {};
    if (auto done = expected_->refresh(); !done) return done.error();
    members_.clear();
    for (const auto& terminal : expected_->known()) {
        members_.push_back(fields_of(terminal.terminal_id, now));
    }
    generation_ = *generation;
    minute_ = minute;
    return {};
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

std::string MemberWatch::ori_of(const std::string& terminal) {
    const auto& expected = expected_->known();
    const auto at = std::find_if(expected.begin(), expected.end(),
                                 [&](const auto& one) { return one.terminal_id == terminal; });
    return at == expected.end() ? std::string() : at->ori;
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
