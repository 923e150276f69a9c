// SPDX-License-Identifier: Apache-2.0
#include "agent/self_watch.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "agent/sensors/watch_memory.hpp"

namespace sallyport::agent {
namespace {

constexpr MonotonicTime kMinute{60'000};
constexpr MonotonicTime kHour{60 * 60'000};
constexpr std::size_t kItemsMax = 32;

using Kinds = std::set<std::string, std::less<>>;

Record rights_record(const std::map<std::string, std::string>& rights) {
    Record record;
    for (const auto& [path, text] : rights)
        record.append(path, text);
    return record;
}

class SelfWatch final : public HostWatch {
public:
    SelfWatch(SelfWatchOptions options, std::unique_ptr<OwnStateReader> state, Recorder& recorder)
        : options_(std::move(options)), state_(std::move(state)), recorder_(recorder), memory_(options_.memory_file) {}

    [[nodiscard]] std::string_view name() const override { return "self"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        const auto files = state_->files();
        return stir.kind == Stir::Kind::clock_set ||
               (stir.kind == Stir::Kind::file && std::find(files.begin(), files.end(), stir.what) != files.end());
    }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::minutes(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following& following) override;

private:
    void begin(const OwnState& state);
    [[nodiscard]] Kinds wrong_with(const OwnState& state) const;
    [[nodiscard]] Kinds lasting(Kinds wrong, MonotonicTime now);
    [[nodiscard]] Result<void> tell_tamper(const Kinds& wrong, const SensorContext& context);
    [[nodiscard]] Result<void> tell_check(const Kinds& wrong, const SensorContext& context);

    const SelfWatchOptions options_;
    const std::unique_ptr<OwnStateReader> state_;
    Recorder& recorder_;
    WatchMemory memory_;
    std::optional<OwnState> first_;
    std::map<std::string, std::string> expected_rights_;
    bool spool_replaced_ = false;
    std::map<std::string, MonotonicTime, std::less<>> since_;  // what a roll-out may cause, too
    Kinds told_;
    std::optional<MonotonicTime> checked_at_;
};

Result<void> SelfWatch::look(const SensorContext& context, Following& following) {
    if (auto looked = recorder_.look_at_clock(); !looked)
        return looked;
    for (const auto& file : state_->files())
        following.file(file, Following::Of::changes);
    const OwnState state = state_->read();
    if (!first_)
        begin(state);
    const MonotonicTime now = context.clock.monotonic();
    const Kinds wrong = lasting(wrong_with(state), now);
    if (auto told = tell_tamper(wrong, context); !told)
        return told;
    if (!checked_at_ || now >= *checked_at_ + kHour) {
        if (auto told = tell_check(wrong, context); !told)
            return told;
        checked_at_ = now;
    }
    const bool kept = memory_.save().ok();
    context.health.report(name(), kept ? SensorState::ok : SensorState::degraded, kept ? "" : "memory_not_writable");
    return {};
}

// What this run holds itself against: the run before it where that is remembered, else how it found things.
void SelfWatch::begin(const OwnState& state) {
    first_ = state;
    expected_rights_ = state.rights;
    const Record before = memory_.find("rights");
    for (auto& [path, rights] : expected_rights_)
        if (before.contains(path))
            rights = text_of(before, path);
    const Record spool = memory_.find("spool");
    const auto known = text_of(spool, "instance");
    spool_replaced_ = !known.empty() && known != options_.instance && !options_.predecessor_known;
    memory_.set("rights", rights_record(state.rights));
    memory_.set("spool", {{"instance", options_.instance}});
}

Kinds SelfWatch::wrong_with(const OwnState& state) const {
    Kinds wrong;
    if (state.program_sha256 != options_.program_sha256)
        wrong.emplace("binary_changed");
    if (state.configuration_sha256 != options_.configuration_sha256)
        wrong.emplace("config_changed");
    if (spool_replaced_ || state.spool_file != first_->spool_file)
        wrong.emplace("log_deleted");
    for (const auto& [path, rights] : state.rights)
        if (const auto expected = expected_rights_.find(path); expected != expected_rights_.end() && expected->second != rights)
            wrong.emplace("permission_changed");
    if (first_->service_enabled == true && state.service_enabled == false)
        wrong.emplace("service_disabled");
    if (state_->is_traced())
        wrong.emplace("debugger");
    return wrong;
}

// Without what has not lasted for a minute, where a roll-out would cause it as well.
Kinds SelfWatch::lasting(Kinds wrong, MonotonicTime now) {
    for (const std::string_view kind : {"binary_changed", "config_changed"}) {
        if (!wrong.contains(kind)) {
            since_.erase(std::string(kind));
            continue;
        }
        const MonotonicTime since = since_.try_emplace(std::string(kind), now).first->second;
        if (now < since + kMinute)
            wrong.erase(std::string(kind));
    }
    return wrong;
}

Result<void> SelfWatch::tell_tamper(const Kinds& wrong, const SensorContext& context) {
    std::erase_if(told_, [&](const std::string& kind) { return !wrong.contains(kind); });
    for (const std::string& kind : wrong) {
        if (told_.contains(kind))
            continue;
        Observation tamper;
        tamper.type = "agent.tamper";
        tamper.body = {{"kind", kind}};
        tamper.occurred_at = context.clock.now();
        if (auto taken = context.sink.take(tamper); !taken)
            return taken;
        told_.insert(kind);
    }
    return {};
}

Result<void> SelfWatch::tell_check(const Kinds& wrong, const SensorContext& context) {
    List items(wrong.begin(), wrong.end());
    const StatusMessage status = options_.status();
    for (const auto& [sensor, state] : status.sensors)
        if (state == SensorState::degraded && items.size() < kItemsMax)
            items.emplace_back("sensor/" + sensor);
    Observation check;
    check.type = "agent.selfcheck";
    check.body = {{"result", items.empty() ? "pass" : "fail"}};
    if (!items.empty())
        check.body.set("failed_items", std::move(items));
    check.occurred_at = context.clock.now();
    return context.sink.take(check);
}

}  // namespace

std::unique_ptr<HostWatch> make_self_watch(SelfWatchOptions options, std::unique_ptr<OwnStateReader> state,
                                           Recorder& recorder) {
    return std::make_unique<SelfWatch>(std::move(options), std::move(state), recorder);
}

}  // namespace sallyport::agent
