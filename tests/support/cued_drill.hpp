// SPDX-License-Identifier: Apache-2.0
//
// A drill as a sensor under test sees it: the test begins it and asks what was answered.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "agent/sensors/drill_cues.hpp"

namespace sallyport::testing {

class CuedDrill final : public agent::DrillCues {
public:
    void begin(std::vector<std::string> sensors, std::optional<DrillStick> stick = std::nullopt) {
        std::stop_source cued;
        {
            const std::lock_guard lock(mutex_);
            order_ = DrillOrder{std::string(32, 'd'), {}, {}, std::move(sensors), std::move(stick)};
            waiting_ = {order_->sensors.begin(), order_->sensors.end()};
            std::swap(cued, next_);
        }
        cued.request_stop();
    }
    // What each sensor answered: `done`, `looked`, or why it cannot.
    [[nodiscard]] std::map<std::string, std::string> answers() const {
        const std::lock_guard lock(mutex_);
        return answers_;
    }

    [[nodiscard]] std::optional<DrillOrder> cue(std::string_view sensor) const override {
        const std::lock_guard lock(mutex_);
        return waiting_.contains(std::string(sensor)) ? order_ : std::nullopt;
    }
    [[nodiscard]] std::stop_token next() const override {
        const std::lock_guard lock(mutex_);
        return next_.get_token();
    }
    void done(std::string_view sensor) override { answer(sensor, "done"); }
    [[nodiscard]] Result<void> looked(std::string_view sensor) override {
        answer(sensor, "looked");
        return {};
    }
    [[nodiscard]] Result<void> cannot(std::string_view sensor, std::string_view reason) override {
        answer(sensor, std::string(reason));
        return {};
    }

private:
    void answer(std::string_view sensor, std::string answer) {
        const std::lock_guard lock(mutex_);
        waiting_.erase(std::string(sensor));
        answers_[std::string(sensor)] = std::move(answer);
    }

    mutable std::mutex mutex_;
    std::stop_source next_;
    std::optional<DrillOrder> order_;
    std::set<std::string> waiting_;
    std::map<std::string, std::string> answers_;
};

}  // namespace sallyport::testing
