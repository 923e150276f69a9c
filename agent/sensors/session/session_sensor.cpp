// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/session/session_sensor.hpp"

#include <algorithm>
#include <map>

#include "agent/sensors/session/idle_watch.hpp"
#include "agent/sensors/session/logind_sessions.hpp"
#include "agent/sensors/session/session_source.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = SessionChange::Kind;

constexpr MonotonicTime kLockConfirmation{10'000};
constexpr MonotonicTime kRefresh{60'000};
constexpr seconds kLockLimitMax{30 * 60};  // CSP AC-11(a)

std::string_view kind_of(const LoginSession& session) {
    if (session.remote) return "remote";
    return session.purpose == SessionPurpose::background ? "service" : "console";
}

class SessionSensor final : public Sensor {
public:
    SessionSensor(const SessionOptions& options, std::unique_ptr<SessionSource> source)
        : thresholds_(idle_thresholds(options.lock_limit)), input_(options.input), source_(std::move(source)) {}

    [[nodiscard]] std::string_view name() const override { return "session"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    // What was last reported of a session; it moves on only when the sink has taken the observation.
    struct Known {
        LoginSession session;
        IdleWatch idle;
        std::optional<MonotonicTime> lock_requested_at;
    };
    using Moment = std::optional<WallTime>;  // empty: some time while nobody looked

    [[nodiscard]] Result<void> start(const SensorContext& context);
    [[nodiscard]] Result<void> report_lock_timeout(const SessionManager& manager,
                                                   const SensorContext& context);
    [[nodiscard]] Result<void> compare(const SensorContext& context);
    [[nodiscard]] Result<void> compare_one(const LoginSession& now, const SensorContext& context);
    [[nodiscard]] Result<void> handle(const SessionChange& change, const SensorContext& context);
    [[nodiscard]] Result<void> handle_session(const SessionChange& change, const SensorContext& context);
    [[nodiscard]] Result<void> appeared(const std::string& id, const SensorContext& context);

    [[nodiscard]] Result<void> logon(const LoginSession& session, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> logoff(const std::string& id, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> set_locked(Known& known, bool locked, Moment at, const SensorContext& context);
    [[nodiscard]] Result<void> prove(Observation lock, const SensorContext& context);
    [[nodiscard]] Result<void> report_idle(const SensorContext& context);
    [[nodiscard]] Result<void> power(std::string_view type, Record body, const SensorContext& context);

    void note_idle(Known& known, std::optional<milliseconds> idle_for, const SensorContext& context);
    void note_input(const Known& known, const SensorContext& context) const;
    void check_confirmations(const SensorContext& context);
    [[nodiscard]] std::string_view lock_cause(const Known& known) const;
    [[nodiscard]] milliseconds pause(const SensorContext& context) const;
    [[nodiscard]] bool idle_due(const SensorContext& context) const;
    [[nodiscard]] Observation about(const LoginSession& session, std::string_view type, Record body,
                                    Moment at) const;

    std::vector<seconds> thresholds_;
    std::shared_ptr<InputActivity> input_;
    std::unique_ptr<SessionSource> source_;
    std::map<std::string, Known> known_;
    std::optional<seconds> lock_timeout_;
    std::optional<WallTime> asleep_since_;
    MonotonicTime refreshed_at_{};
    bool first_run_ = true;
    bool lock_unconfirmed_ = false;
};

Result<void> SessionSensor::run(std::stop_token stop, const SensorContext& context) {
    if (auto started = start(context); !started) return started.error().within("session");
    while (!stop.stop_requested()) {
        auto change = source_->wait(stop, pause(context));
        if (!change) return change.error().within("session");
        // A threshold is reported only after asking again: a signal that got lost must not accuse anybody.
        const bool refresh = !change->has_value() &&
                             (idle_due(context) || context.clock.monotonic() >= refreshed_at_ + kRefresh);
        auto done = *change ? handle(**change, context) : refresh ? compare(context) : Result<void>();
        if (!done) return done.error().within("session");
        check_confirmations(context);
    }
    return {};
}

Result<void> SessionSensor::start(const SensorContext& context) {
    auto manager = source_->connect();
    if (!manager) {
        context.health.report("idle", SensorState::absent, "no_session_manager");
        return manager.error();
    }
    asleep_since_.reset();  // a wake-up that was not seen must not colour later locks
    const bool idle = manager->offers_idle;
    context.health.report("idle", idle ? SensorState::ok : SensorState::absent,
                          idle ? "" : "no_idle_interface");
    if (auto reported = report_lock_timeout(*manager, context); !reported) return reported;
    if (auto compared = compare(context); !compared) return compared;
    first_run_ = false;
    if (!lock_unconfirmed_) context.health.report("session", SensorState::ok, "");
    return {};
}

Result<void> SessionSensor::report_lock_timeout(const SessionManager& manager, const SensorContext& context) {
    if (!manager.locks_after || manager.locks_after == lock_timeout_) return {};
    const auto text = [](seconds value) { return std::to_string(value.count()); };
    Record body{{"name", "lock_timeout"}, {"value", text(*manager.locks_after)}};
    if (lock_timeout_) body.set("previous", text(*lock_timeout_));
    body.set("compliant", *manager.locks_after <= kLockLimitMax ? "yes" : "no");
    Observation seen;
    seen.type = "policy.setting";
    seen.body = std::move(body);
    if (auto taken = context.sink.take(seen); !taken) return taken;
    lock_timeout_ = manager.locks_after;
    return {};
}

// Brings what is known in line with what is. Differences found here, not told by a signal, have no known
// time.
Result<void> SessionSensor::compare(const SensorContext& context) {
    auto present = source_->sessions();
    if (!present) return present.error();
    std::vector<std::string> over;
    for (const auto& [id, known] : known_) {
        const auto same = [&](const LoginSession& other) {
            return other.id == id && other.created_at == known.session.created_at;
        };
        if (std::none_of(present->begin(), present->end(), same)) over.push_back(id);
    }
    for (const auto& id : over)
        if (auto reported = logoff(id, std::nullopt, context); !reported) return reported;
    for (const auto& session : *present)
        if (auto reported = compare_one(session, context); !reported) return reported;
    refreshed_at_ = context.clock.monotonic();
    return report_idle(context);
}

Result<void> SessionSensor::compare_one(const LoginSession& now, const SensorContext& context) {
    if (now.purpose == SessionPurpose::housekeeping) return {};
    if (!known_.contains(now.id)) return logon(now, first_run_ ? std::nullopt : now.created_at, context);
    Known& known = known_.at(now.id);
    const bool lock_changed = known.session.locked != now.locked;
    if (auto reported = set_locked(known, now.locked, std::nullopt, context); !reported) return reported;
    note_idle(known, now.idle_for, context);
    // Which of the two came first is not known: a threshold passed before an unseen lock would look like a
    // breach.
    if (lock_changed && now.locked)
        while (known.idle.due(context.clock.monotonic()))
            known.idle.pass();
    return {};
}

Result<void> SessionSensor::handle(const SessionChange& change, const SensorContext& context) {
    switch (change.kind) {
        case Kind::restarted:
            return start(context);
        case Kind::sleeping: {
            auto recorded = power("device.sleep", {{"reason", "suspend"}}, context);
            if (recorded) asleep_since_ = context.clock.now();
            source_->release_delay();
            return recorded;
        }
        case Kind::resumed: {
            Record body;
            if (asleep_since_)
                body.set(
                    "slept_s",
                    std::max<std::int64_t>(
                        0,
                        std::chrono::duration_cast<seconds>(context.clock.now() - *asleep_since_).count()));
            asleep_since_.reset();
            if (auto recorded = power("device.resume", std::move(body), context); !recorded) return recorded;
            return compare(context);
        }
        case Kind::shutting_down: {
            auto recorded = power("device.shutdown", {{"reason", "shutdown"}}, context);
            source_->release_delay();
            return recorded;
        }
        default:
            return handle_session(change, context);
    }
}

Result<void> SessionSensor::handle_session(const SessionChange& change, const SensorContext& context) {
    if (change.kind == Kind::appeared) return appeared(change.session, context);
    const auto at = known_.find(change.session);
    if (at == known_.end()) return {};  // a greeter, or a session whose end was seen by comparing
    Known& known = at->second;
    const WallTime now = context.clock.now();
    switch (change.kind) {
        case Kind::gone:
            return logoff(change.session, now, context);
        case Kind::locked:
            return set_locked(known, true, now, context);
        case Kind::unlocked:
            note_input(known, context);
            return set_locked(known, false, now, context);
        case Kind::idle:
            note_idle(known, change.idle_for, context);
            return report_idle(context);
        case Kind::active:
            note_input(known, context);
            note_idle(known, std::nullopt, context);
            return {};
        case Kind::lock_requested:
            if (!known.session.locked) known.lock_requested_at = context.clock.monotonic();
            return {};
        default:
            return {};
    }
}

Result<void> SessionSensor::appeared(const std::string& id, const SensorContext& context) {
    if (known_.contains(id)) return {};
    auto session = source_->session(id);
    if (!session) return session.error();
    if (!*session) {  // over before it could be asked who it was
        Observation gap;
        gap.type = "agent.gap";
        gap.body = {{"sensor", "session"}, {"reason", "session_too_short"}, {"missed", 1}};
        gap.occurred_at = context.clock.now();
        return context.sink.take(gap);
    }
    if ((*session)->purpose == SessionPurpose::housekeeping) return {};
    return logon(**session, (*session)->created_at.value_or(context.clock.now()), context);
}

Result<void> SessionSensor::logon(const LoginSession& session, Moment at, const SensorContext& context) {
    Record body{{"kind", kind_of(session)}, {"method", session.smartcard ? "smartcard" : "unknown"}};
    if (first_run_) body.set("present_at_start", true);
    Observation seen = about(session, "session.logon", std::move(body), at);
    seen.outcome = EventOutcome::success;
    if (auto taken = context.sink.take(seen); !taken) return taken;
    Known fresh{session, IdleWatch(thresholds_), std::nullopt};
    fresh.session.locked = false;
    Known& known = known_.emplace(session.id, std::move(fresh)).first->second;
    note_idle(known, session.idle_for, context);
    if (!session.locked) return {};
    while (known.idle.due(context.clock.monotonic()))
        known.idle.pass();
    return set_locked(known, true, first_run_ ? std::nullopt : at, context);
}

Result<void> SessionSensor::logoff(const std::string& id, Moment at, const SensorContext& context) {
    const auto found = known_.find(id);
    const LoginSession& session = found->second.session;
    if (auto taken = context.sink.take(about(session, "session.logoff", {{"kind", kind_of(session)}}, at));
        !taken)
        return taken;
    known_.erase(found);
    return {};
}

Result<void> SessionSensor::set_locked(Known& known, bool locked, Moment at, const SensorContext& context) {
    if (known.session.locked == locked) return {};
    Record body{{"cause", locked ? lock_cause(known) : std::string_view("unknown")}};
    if (first_run_) body.set("present_at_start", true);
    const Observation seen = about(known.session, locked ? "session.lock" : "session.unlock", std::move(body), at);
    if (auto taken = context.sink.take(seen); !taken) return taken;
    known.session.locked = locked;
    known.lock_requested_at.reset();
    if (locked && lock_unconfirmed_) {
        lock_unconfirmed_ = false;
        context.health.report("session", SensorState::ok, "");
    }
    return locked && !first_run_ ? prove(seen, context) : Result<void>();
}

// A copy: that the screen was locked is true whether or not it was locked for a drill.
Result<void> SessionSensor::prove(Observation lock, const SensorContext& context) {
    const auto drill = context.drill.cue(name());
    if (!drill) return {};
    lock.drill = drill->nonce;
    if (auto taken = context.sink.take(lock); !taken) return taken;
    context.drill.done(name());
    return {};
}

std::string_view SessionSensor::lock_cause(const Known& known) const {
    if (asleep_since_) return "policy";
    return known.idle.since() ? "timeout" : "unknown";
}

Result<void> SessionSensor::report_idle(const SensorContext& context) {
    const MonotonicTime now = context.clock.monotonic();
    for (auto& [id, known] : known_) {
        while (const auto reached = known.idle.due(now)) {
            const auto ago =
                now - (*known.idle.since() + std::chrono::duration_cast<MonotonicTime>(*reached));
            const WallTime at = context.clock.now() - std::chrono::duration_cast<milliseconds>(ago);
            Record body{{"idle_s", std::int64_t{reached->count()}}};
            if (auto taken = context.sink.take(about(known.session, "session.idle", std::move(body), at));
                !taken)
                return taken;
            known.idle.pass();
        }
    }
    return {};
}

Result<void> SessionSensor::power(std::string_view type, Record body, const SensorContext& context) {
    Observation seen;
    seen.type = type;
    seen.body = std::move(body);
    seen.occurred_at = context.clock.now();
    return context.sink.take(seen);
}

void SessionSensor::note_idle(Known& known, std::optional<milliseconds> idle_for,
                              const SensorContext& context) {
    if (!idle_for) return known.idle.active();
    const MonotonicTime now = context.clock.monotonic();
    const auto idle = std::chrono::duration_cast<MonotonicTime>(std::max(*idle_for, milliseconds(0)));
    known.idle.idle_since(now - std::min(idle, now));
}

// Somebody far away who types is not at the terminal.
void SessionSensor::note_input(const Known& known, const SensorContext& context) const {
    if (input_ && !known.session.remote) input_->note(context.clock.monotonic());
}

void SessionSensor::check_confirmations(const SensorContext& context) {
    for (auto& [id, known] : known_) {
        if (!known.lock_requested_at ||
            context.clock.monotonic() < *known.lock_requested_at + kLockConfirmation)
            continue;
        known.lock_requested_at.reset();
        lock_unconfirmed_ = true;
        context.health.report("session", SensorState::degraded, "lock_not_confirmed");
    }
}

milliseconds SessionSensor::pause(const SensorContext& context) const {
    constexpr milliseconds kForever{3'600'000};
    if (known_.empty()) return kForever;
    const MonotonicTime now = context.clock.monotonic();
    MonotonicTime until = refreshed_at_ + kRefresh;
    for (const auto& [id, known] : known_) {
        if (const auto next = known.idle.next()) until = std::min(until, *next);
        if (known.lock_requested_at) until = std::min(until, *known.lock_requested_at + kLockConfirmation);
    }
    return until <= now ? milliseconds(0) : std::chrono::duration_cast<milliseconds>(until - now);
}

bool SessionSensor::idle_due(const SensorContext& context) const {
    const MonotonicTime now = context.clock.monotonic();
    return std::any_of(known_.begin(), known_.end(),
                       [&](const auto& entry) { return entry.second.idle.due(now); });
}

Observation SessionSensor::about(const LoginSession& session, std::string_view type, Record body,
                                 Moment at) const {
    Observation seen;
    seen.type = type;
    seen.body = std::move(body);
    seen.occurred_at = at;
    seen.session_id = session.id;
    if (!session.account.empty()) seen.operator_account = session.account;
    return seen;
}

}  // namespace

std::unique_ptr<Sensor> make_session_sensor(const SessionOptions& options) {
    return make_session_sensor(options, make_logind_sessions());
}

std::unique_ptr<Sensor> make_session_sensor(const SessionOptions& options,
                                            std::unique_ptr<SessionSource> source) {
    return std::make_unique<SessionSensor>(options, std::move(source));
}

}  // namespace sallyport::agent
