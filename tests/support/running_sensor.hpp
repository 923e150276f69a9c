// SPDX-License-Identifier: Apache-2.0
//
// Runs a sensor on a thread of its own and keeps what it said, so that a test can wait for it. Every
// observation must fit the catalogue, else the test fails.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "agent/sensors/sensor.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "protocol/json.hpp"
#include "protocol/schema.hpp"

namespace sallyport::testing {

class Witness final : public agent::ObservationSink, public agent::SensorHealth {
public:
    using Seen = std::vector<agent::Observation>;
    static constexpr std::chrono::seconds kDeadline{20};

    [[nodiscard]] Result<void> take(const agent::Observation& observation) override {
        const EventType* type = find_event_type(observation.type);
        EXPECT_NE(type, nullptr) << observation.type;
        if (type != nullptr)
            if (const auto fault = check_fields(observation.body, type->fields))
                ADD_FAILURE() << observation.type << ": " << fault->field << " " << fault->reason;
        const std::lock_guard lock(mutex_);
        if (refuse_) return Error(Errc::io, "the test's sink refuses");
        seen_.push_back(observation);
        changed_.notify_all();
        return {};
    }
    void report(std::string_view sensor, SensorState state, std::string_view reason) override {
        const std::lock_guard lock(mutex_);
        health_[std::string(sensor)] = {state, std::string(reason)};
        changed_.notify_all();
    }

    void refuse(bool refuse) {
        const std::lock_guard lock(mutex_);
        refuse_ = refuse;
    }
    [[nodiscard]] Seen seen() const {
        const std::lock_guard lock(mutex_);
        return seen_;
    }
    void forget() {
        const std::lock_guard lock(mutex_);
        seen_.clear();
    }
    // All observations of that type so far.
    [[nodiscard]] Seen of(std::string_view type) const {
        Seen found;
        for (const auto& one : seen())
            if (one.type == type) found.push_back(one);
        return found;
    }
    // The first observation of that type, with that value in that field, waiting for it; fails the test
    // otherwise.
    std::optional<agent::Observation> await(std::string_view type, std::string_view field = {},
                                            std::string_view value = {}) {
        std::optional<agent::Observation> found;
        const bool came = wait([&] {
            for (const auto& one : seen_)
                if (one.type == type && (field.empty() || text_of(one.body, field) == value)) {
                    found = one;
                    return true;
                }
            return false;
        });
        EXPECT_TRUE(came) << "no " << type << " with " << field << "=" << value << " among:\n" << listing();
        return found;
    }
    bool await_count(std::string_view type, std::size_t count) {
        const bool came = wait([&] {
            std::size_t there = 0;
            for (const auto& one : seen_)
                there += one.type == type ? 1 : 0;
            return there >= count;
        });
        EXPECT_TRUE(came) << "fewer than " << count << " " << type << " among:\n" << listing();
        return came;
    }
    bool await_health(std::string_view sensor, SensorState state, std::string_view reason = {}) {
        const std::pair<SensorState, std::string> wanted{state, std::string(reason)};
        const bool came = wait([&] {
            const auto at = health_.find(std::string(sensor));
            return at != health_.end() && at->second == wanted;
        });
        EXPECT_TRUE(came) << sensor << " never became " << to_string(state) << " " << reason;
        return came;
    }
    // Everything emitted, as text.
    [[nodiscard]] std::string listing() const {
        std::string text;
        for (const auto& one : seen())
            text += one.type + " " + write_json(one.body) + " " + one.operator_account.value_or("-") + " " +
                    one.session_id.value_or("-") + "\n";
        return text;
    }

private:
    bool wait(const std::function<bool()>& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kDeadline, condition);
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Seen seen_;
    std::map<std::string, std::pair<SensorState, std::string>> health_;
    bool refuse_ = false;
};

// start() and stop() as often as a test likes: the sensor keeps what it knows, as under the agent's
// supervisor.
class RunningSensor {
public:
    // Well below what a supervisor waits, well above a second's pause of a busy machine.
    static constexpr std::chrono::seconds kStopsWithin{5};

    // `clock`: of the test; the machine's when there is none.
    RunningSensor(std::unique_ptr<agent::Sensor> sensor, Witness& witness, const Clock* clock = nullptr,
                  agent::DrillCues& drill = agent::no_drill())
        : sensor_(std::move(sensor)), witness_(witness), clock_(clock == nullptr ? &machine_ : clock), drill_(drill) {}
    ~RunningSensor() { static_cast<void>(stop()); }
    RunningSensor(const RunningSensor&) = delete;
    RunningSensor& operator=(const RunningSensor&) = delete;

    void start() {
        thread_ = std::jthread([this](std::stop_token stop) {
            ended_ = sensor_->run(stop, {witness_, witness_, *clock_, drill_});
        });
    }
    // Asks it to stop and says how it ended, and that it did so at once.
    Result<void> stop() {
        if (!thread_.joinable()) return {};
        const auto asked = std::chrono::steady_clock::now();
        thread_.request_stop();
        thread_.join();
        EXPECT_LT(std::chrono::steady_clock::now() - asked, kStopsWithin) << "slow to stop";
        return ended_;
    }
    // Waits until it gives up by itself.
    Result<void> join() {
        thread_.join();
        return ended_;
    }

private:
    std::unique_ptr<agent::Sensor> sensor_;
    Witness& witness_;
    LinuxClock machine_;
    const Clock* clock_;
    agent::DrillCues& drill_;
    Result<void> ended_;
    std::jthread thread_;
};

}  // namespace sallyport::testing
