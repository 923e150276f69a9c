// SPDX-License-Identifier: Apache-2.0
#include "agent/drill/drill.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/files.hpp"

namespace sallyport::agent {
namespace {

// Of the two versions: as text, so that somebody can read it.
std::optional<std::int64_t> read_version(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text) return std::nullopt;
    std::int64_t version = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), version);
    return failed == std::errc() ? std::optional(version) : std::nullopt;
}

std::string reason_in(const StatusMessage& status, const std::string& sensor) {
    const auto at = status.reasons.find(sensor);
    return at == status.reasons.end() ? std::string() : at->second;
}

}  // namespace

Drill::Drill(DrillOptions options, ObservationSink& sink, const Clock& clock)
    : options_(std::move(options)), sink_(sink), clock_(clock) {}

Drill::~Drill() { stop(); }

// --- orders

void Drill::hear(const TerminalConfig& config) {
    if (!is_new(config.version) || !config.drill) return;
    const DrillOrder& order = *config.drill;
    if (const auto why = why_refused(order); !why.empty()) {
        options_.log("drill " + order.nonce + ": refused, " + std::string(why));
        (void)tell({{"state", "refused"}, {"reason", why}}, std::nullopt);  // the collector sees that nothing came
        return;
    }
    stop();
    options_.log("drill " + order.nonce + ": begun");
    thread_ = std::jthread([this, order](const std::stop_token& stop) { run(stop, order); });
}

// What cannot be noted is not acted on: it could be played back after a restart.
bool Drill::is_new(std::int64_t version) {
    if (!version_ && !options_.memory_file.empty()) version_ = read_version(options_.memory_file);
    if (version <= version_.value_or(0)) return false;
    if (!options_.memory_file.empty()) {
        if (auto kept = replace_file(options_.memory_file, std::to_string(version) + "\n", Secrecy::secret); !kept) {
            options_.log("config: " + kept.error().message() + ", ignoring it");
            return false;
        }
    }
    version_ = version;
    return true;
}

// A retained order may be old news by the time it is heard.
std::string_view Drill::why_refused(const DrillOrder& order) const {
    const WallTime now = clock_.now();
    if (now >= order.ends_at) return "over";
    return now < order.begins_at - kDrillClockTolerance ? "not_yet" : "";
}

// --- the run

void Drill::run(const std::stop_token& stop, const DrillOrder& order) {
    if (auto begun = begin(order); !begun) options_.log("drill " + order.nonce + ": " + begun.error().message());
    const auto span = std::min<std::chrono::milliseconds>(order.ends_at - clock_.now(), kDrillLongest);
    const MonotonicTime until = clock_.monotonic() + MonotonicTime(static_cast<std::uint64_t>(std::max<std::int64_t>(0, span.count())));
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, stop, span, [&] { return waiting_.empty() || clock_.monotonic() >= until; });
        order_.reset();
        waiting_.clear();
    }
    if (auto told = tell({{"state", "ended"}}, order.nonce); !told)
        options_.log("drill " + order.nonce + ": " + told.error().message());
    options_.log("drill " + order.nonce + ": ended");
}

// What the sensors are woken by comes last: the begin is told before any answer.
Result<void> Drill::begin(const DrillOrder& order) {
    if (auto told = tell({{"state", "begun"}}, order.nonce); !told) return told;
    {
        const std::lock_guard lock(mutex_);
        order_ = order;
        waiting_ = {order.sensors.begin(), order.sensors.end()};
    }
    auto answered = answer_for_the_blind(order);
    std::stop_source cued;
    {
        const std::lock_guard lock(mutex_);
        std::swap(cued, next_);
    }
    cued.request_stop();
    return answered;
}

// A sensor that is off or has nothing to look at cannot answer itself. Nothing is switched on for a drill.
Result<void> Drill::answer_for_the_blind(const DrillOrder& order) {
    const StatusMessage status = options_.status();
    for (const std::string& sensor : order.sensors) {
        const auto at = status.sensors.find(sensor);
        Result<void> told;
        if (at == status.sensors.end())
            told = answer(sensor, "not_possible", "no_such_sensor");
        else if (at->second == SensorState::off || at->second == SensorState::absent)
            told = answer(sensor, to_string(at->second), reason_in(status, sensor));
        else if (sensor == "usb" && !order.stick)
            told = answer(sensor, "not_possible", "no_drill_stick");
        if (!told) return told;
    }
    return {};
}

void Drill::stop() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
}

// --- the sensors' side

std::optional<DrillOrder> Drill::cue(std::string_view sensor) const {
    const std::lock_guard lock(mutex_);
    return order_ && waiting_.contains(sensor) ? order_ : std::nullopt;
}

std::stop_token Drill::next() const {
    const std::lock_guard lock(mutex_);
    return next_.get_token();
}

void Drill::done(std::string_view sensor) {
    const std::lock_guard lock(mutex_);
    if (const auto at = waiting_.find(sensor); at != waiting_.end()) waiting_.erase(at);
    changed_.notify_all();
}

Result<void> Drill::looked(std::string_view sensor) {
    const StatusMessage status = options_.status();
    const auto at = status.sensors.find(std::string(sensor));
    const SensorState state = at == status.sensors.end() ? SensorState::degraded : at->second;
    const std::string reason = reason_in(status, std::string(sensor));
    if (state == SensorState::ok) return answer(sensor, "proven", reason);
    return answer(sensor, state == SensorState::degraded ? "failed" : to_string(state), reason);
}

Result<void> Drill::cannot(std::string_view sensor, std::string_view reason) {
    return answer(sensor, "not_possible", reason);
}

Result<void> Drill::answer(std::string_view sensor, std::string_view answer, std::string_view reason) {
    const auto order = cue(sensor);
    if (!order) return {};  // the time is over
    Record body{{"state", "answered"}, {"sensor", sensor}, {"answer", answer}};
    if (!reason.empty()) body.set("reason", reason);
    if (auto told = tell(std::move(body), order->nonce); !told) return told;
    done(sensor);
    return {};
}

Result<void> Drill::tell(Record body, std::optional<std::string> mark) {
    Observation told{"agent.drill", std::move(body), clock_.now(), {}, {}};
    told.drill = std::move(mark);
    return sink_.take(told);
}

}  // namespace sallyport::agent
