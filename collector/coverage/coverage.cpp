// SPDX-License-Identifier: Apache-2.0
#include "collector/coverage/coverage.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace sallyport::coverage {
namespace {

// Between the announcement of an end and the end a few more lines may come; what comes later means that it was called off.
constexpr std::chrono::minutes kEnding{3};

Span cut(Span span, Span by) { return {std::max(span.from, by.from), std::min(span.to, by.to)}; }
bool is_empty(Span span) { return span.from >= span.to; }

// --- when it was watched --------------------------------------------------------------------------------------------

class Runs {
public:
    Runs(const History& history, Span span) : history_(history), span_(span) {}

    std::vector<Stretch> stretches() {
        for (const Line& line : history_.lines)
            if (!line.withheld)
                take(line);
        end_run(span_.to);
        add(State::unheard, span_.to);  // when there was no line at all
        return std::move(stretches_);
    }

private:
    void take(const Line& line) {
        const WallTime at = std::max(line.at, last_);  // a clock that was set back
        if (line.type == "agent.start" || !began_) {
            end_run(at);
            state_ = State::monitored;
        } else if (state_ != State::monitored && (line.type == "device.resume" || at - ended_ > kEnding)) {
            // Not asleep or down after all, if it says so itself and no start lies between.
            add(line.type == "device.resume" ? state_ : State::monitored, at);
            state_ = State::monitored;
        }
        began_ = true;
        last_ = at;
        if (line.type == "device.shutdown")
            end(State::off, at);
        else if (line.type == "device.sleep")
            end(State::asleep, at);
        else if (line.type == "agent.stop" && state_ == State::monitored)
            end(State::stopped, at);
    }

    void end(State state, WallTime at) {
        add(State::monitored, at);
        state_ = state;
        ended_ = at;
    }

    // At a new start, or at the end of what is asked for.
    void end_run(WallTime at) {
        if (!began_) {
            add(State::unheard, at);
        } else if (state_ == State::monitored) {
            add(State::monitored, std::min(at, last_life(at)));
            add(State::silent, at);
        } else {
            add(state_, at);
        }
    }

    // A line after the span proves it as well as a heartbeat within it.
    [[nodiscard]] WallTime last_life(WallTime before) const {
        WallTime life = last_;
        for (const WallTime heard : history_.heard)
            if (heard <= before || before == span_.to)
                life = std::max(life, heard);
        return life;
    }

    void add(State state, WallTime until) {
        const Span added = cut({until_, until}, span_);
        until_ = std::max(until_, until);
        if (is_empty(added))
            return;
        if (!stretches_.empty() && stretches_.back().state == state)
            stretches_.back().span.to = added.to;
        else
            stretches_.push_back({added, state});
    }

    const History& history_;
    Span span_;
    std::vector<Stretch> stretches_;
    WallTime until_{};  // told up to here
    WallTime last_{}, ended_{};
    State state_ = State::unheard;
    bool began_ = false;
};

// --- what did not come -----------------------------------------------------------------------------------------------

class Holes {
public:
    Holes(const History& history, Span span) : history_(history), span_(span) {}

    void find(Coverage& coverage) {
        find_withheld();
        for (const Announcement& announcement : history_.announcements)
            expect(announcement.instance, announcement.last_seq, announcement.told_at);
        find_broken_chains(coverage);
        for (const auto& [instance, expected] : expected_)
            add_unreceived(instance, expected);
        coverage.missing = std::move(missing_);
    }

private:
    struct Expected {
        std::uint64_t last_seq = 0;
        WallTime until{};
    };

    // A withheld line has no time of its own: it lies between its neighbours in the chain.
    void find_withheld() {
        const auto& lines = history_.lines;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!lines[i].withheld)
                continue;
            std::size_t last = i;
            while (last + 1 < lines.size() && lines[last + 1].withheld && lines[last + 1].instance == lines[i].instance &&
                   lines[last + 1].reason == lines[i].reason)
                ++last;
            if (touches(time_before(i), time_after(last)))
                missing_.push_back({lines[i].instance, lines[i].seq, lines[last].seq, lines[i].reason});
            i = last;
        }
    }

    [[nodiscard]] WallTime time_before(std::size_t index) const {
        while (index > 0)
            if (const Line& line = history_.lines[--index]; !line.withheld)
                return line.at;
        return WallTime::min();
    }
    [[nodiscard]] WallTime time_after(std::size_t index) const {
        while (++index < history_.lines.size())
            if (const Line& line = history_.lines[index]; !line.withheld)
                return line.at;
        return WallTime::max();
    }

    void expect(const std::string& instance, std::uint64_t last_seq, WallTime until) {
        Expected& expected = expected_[instance];
        expected.last_seq = std::max(expected.last_seq, last_seq);
        expected.until = std::max(expected.until, until);
    }

    // A new instance names the last line of the one before (system.md 9.1).
    void find_broken_chains(Coverage& coverage) {
        for (std::size_t i = 1; i < history_.lines.size(); ++i) {
            const Line& line = history_.lines[i];
            if (line.seq != 1)
                continue;
            const auto previous = text_of(line.body, "previous_instance");
            if (!previous.empty() && previous != "unknown")
                expect(std::string(previous), static_cast<std::uint64_t>(integer_of(line.body, "previous_seq")), line.at);
            else if (touches(time_before(i), line.at))
                coverage.chain_unproven = true;
        }
    }

    void add_unreceived(const std::string& instance, const Expected& expected) {
        std::uint64_t received = 0;
        WallTime after = WallTime::min();
        for (const Line& line : history_.lines) {
            if (line.instance != instance)
                continue;
            received = std::max(received, line.seq);
            if (!line.withheld)
                after = std::max(after, line.at);
        }
        if (received < expected.last_seq && touches(after, expected.until))
            missing_.push_back({instance, received + 1, expected.last_seq, "not_received"});
    }

    [[nodiscard]] bool touches(WallTime after, WallTime before) const { return after < span_.to && before > span_.from; }

    const History& history_;
    Span span_;
    std::vector<Missing> missing_;
    std::map<std::string, Expected> expected_;
};

// --- what the sensors could see ----------------------------------------------------------------------------------------

// Only while it was watched: a sensor of a machine that is off misses nothing.
template <class Add>
void while_monitored(const Coverage& coverage, Span span, Add add) {
    for (const Stretch& stretch : coverage.stretches)
        if (const Span part = cut(span, stretch.span); stretch.state == State::monitored && !is_empty(part))
            add(part);
}

class Sensors {
public:
    Sensors(const History& history, Coverage& coverage) : history_(history), coverage_(coverage) {}

    void tell() {
        for (const Line& line : history_.lines) {
            if (line.withheld)
                continue;
            if (line.type == "agent.start")
                forget(line.at);  // each sensor says anew how it is
            else if (line.type == "agent.sensor")
                sensor_said(line);
            else if (line.type == "agent.gap" && line.at >= coverage_.span.from && line.at < coverage_.span.to)
                coverage_.sensor_gaps.push_back({line.at, std::string(text_of(line.body, "sensor")),
                                                 std::string(text_of(line.body, "reason")),
                                                 static_cast<std::uint64_t>(integer_of(line.body, "missed"))});
            else if (line.type == "camera.state")
                camera_is(std::string(text_of(line.body, "state")), line.at);
        }
        forget(coverage_.span.to);
    }

private:
    struct Since {
        WallTime from{};
        std::string state;
    };

    void sensor_said(const Line& line) {
        const std::string sensor(text_of(line.body, "sensor"));
        end(sensor, line.at);
        if (const auto state = text_of(line.body, "state"); state != "ok")
            impaired_[sensor] = {line.at, std::string(state)};
        if (sensor == "camera" && impaired_.contains(sensor) && text_of(line.body, "state") != "degraded")
            camera_is(std::string(text_of(line.body, "state")), line.at);
    }

    void end(const std::string& sensor, WallTime at) {
        const auto since = impaired_.find(sensor);
        if (since == impaired_.end())
            return;
        while_monitored(coverage_, {since->second.from, at},
                        [&](Span part) { coverage_.impaired.push_back({part, sensor, since->second.state}); });
        impaired_.erase(since);
    }

    void forget(WallTime at) {
        while (!impaired_.empty())
            end(std::string(impaired_.begin()->first), at);
        camera_is("unknown", at);
    }

    void camera_is(std::string state, WallTime at) {
        const Span past{camera_.from, at};
        const auto& policies = history_.camera;
        for (std::size_t i = 0; i < policies.size(); ++i) {
            const Span held{i == 0 ? WallTime::min() : policies[i].from,
                            i + 1 < policies.size() ? policies[i + 1].from : WallTime::max()};
            const std::string shown = policies[i].policy == CameraPolicy::enabled     ? camera_.state
                                      : policies[i].policy == CameraPolicy::forbidden ? "forbidden"
                                                                                      : "off_by_policy";
            while_monitored(coverage_, cut(past, held), [&](Span part) { add_camera(part, shown); });
        }
        camera_ = {std::max(at, camera_.from), std::move(state)};
    }

    void add_camera(Span part, const std::string& state) {
        auto& stretches = coverage_.camera;
        if (!stretches.empty() && stretches.back().state == state && stretches.back().span.to == part.from)
            stretches.back().span.to = part.to;
        else
            stretches.push_back({part, state});
    }

    const History& history_;
    Coverage& coverage_;
    std::map<std::string, Since> impaired_;
    Since camera_{WallTime::min(), "unknown"};
};

}  // namespace

const std::vector<std::string_view>& told_types() {
    static const std::vector<std::string_view> kTypes = {"agent.start",  "agent.stop",   "agent.sensor", "agent.gap",
                                                         "device.sleep", "device.resume", "device.shutdown", "camera.state"};
    return kTypes;
}

std::uint64_t Coverage::missing_count() const {
    return std::accumulate(missing.begin(), missing.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const Missing& one) { return sum + one.count(); });
}

Coverage cover(const History& history, Span span) {
    Coverage coverage;
    coverage.span = span;
    coverage.stretches = Runs(history, span).stretches();
    Holes(history, span).find(coverage);
    Sensors(history, coverage).tell();
    return coverage;
}

}  // namespace sallyport::coverage
