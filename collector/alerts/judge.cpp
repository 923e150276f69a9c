// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/judge.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "collector/alerts/judgement.hpp"

namespace sallyport::alerts {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWaitMax{200};
constexpr milliseconds kWaitMin{1};
constexpr milliseconds kWaitAfterFailure{1000};
constexpr milliseconds kBoundsEvery{60'000};

class JudgeThread final : public Judge {
public:
    using Rules = std::shared_ptr<const rules::RuleSet>;
    using Open = std::function<Result<std::unique_ptr<Judgement>>(Rules)>;

    JudgeThread(std::unique_ptr<Judgement> judgement, Open open, Rules rules, const Clock& clock,
                std::function<void()> changed)
        : judgement_(std::move(judgement)),
          open_(std::move(open)),
          clock_(clock),
          changed_(std::move(changed)),
          rules_(std::move(rules)),
          thread_([this] { work(); }) {}

    ~JudgeThread() override {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }

    void notify() override {
        {
            const std::scoped_lock lock(mutex_);
            woken_ = true;
        }
        wake_.notify_one();
    }

    void reload(Rules rules) override {
        {
            const std::scoped_lock lock(mutex_);
            next_rules_ = std::move(rules);
            woken_ = true;
        }
        wake_.notify_one();
    }

    Rules rules() const override {
        const std::scoped_lock lock(mutex_);
        return rules_;
    }

private:
    void work() {
        while (!stopping()) {
            if (judgement_) change_rules();
            if (auto done = judgement_ ? step() : reopen(); !done) {
                spdlog::error("{}; beginning anew from the last commit", done.error().message());
                judgement_.reset();
                wait(kWaitAfterFailure);
            }
        }
        if (auto saved = judgement_ ? judgement_->save() : Result<void>(); !saved)
            spdlog::error("{}; the next start judges the last events again", saved.error().message());
    }

    Result<void> step() {
        const auto progress = judgement_->step();
        if (!progress) return progress.error();
        if (progress->changed && changed_) changed_();
        if (judgement_->unreadable() > unreadable_)
            spdlog::error("judge: {} lines of the log are not understood, ignoring",
                          judgement_->unreadable());
        unreadable_ = judgement_->unreadable();
        report_bounds();
        if (!progress->judged) wait(until_next_deadline());
        return {};
    }

    void change_rules() {
        Rules rules;
        {
            const std::scoped_lock lock(mutex_);
            rules = std::move(next_rules_);
            next_rules_.reset();
        }
        if (rules == nullptr) return;
        auto judgement = judgement_->with_rules(rules);
        if (!judgement) {
            spdlog::error("{}; the rules stay as they were", judgement.error().message());
            return;
        }
        judgement_ = std::move(*judgement);
        spdlog::info("judge: {} rules in force", rules->rules().size());
        const std::scoped_lock lock(mutex_);
        rules_ = std::move(rules);
    }

    // A rule that has no room for what it should remember does not see everything: that is an error, once a
    // minute.
    void report_bounds() {
        if (clock_.monotonic() - bounds_seen_at_ < kBoundsEvery) return;
        bounds_seen_at_ = clock_.monotonic();
        const auto statistics = judgement_->statistics();
        const std::uint64_t lost = statistics.refused + statistics.dropped;
        if (lost > lost_)
            spdlog::error(
                "judge: {} matches had no room: {} of groups beyond what a rule may keep{}{}, {} of "
                "windows that were too full",
                lost, statistics.refused, statistics.full.empty() ? "" : ", as of ",
                statistics.full.empty() ? "" : statistics.full.front(), statistics.dropped);
        lost_ = lost;
    }

    Result<void> reopen() {
        auto judgement = open_(rules());
        if (!judgement) return judgement.error();
        judgement_ = std::move(*judgement);
        return {};
    }

    bool stopping() {
        const std::scoped_lock lock(mutex_);
        woken_ = false;
        return stopping_;
    }

    void wait(milliseconds time) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, time, [this] { return woken_ || stopping_; });
    }

    milliseconds until_next_deadline() const {
        const auto deadline = judgement_->next_deadline();
        return deadline ? std::clamp<milliseconds>(*deadline - clock_.now(), kWaitMin, kWaitMax) : kWaitMax;
    }

    std::unique_ptr<Judgement> judgement_;  // none after a failure
    Open open_;
    const Clock& clock_;
    std::function<void()> changed_;
    std::uint64_t unreadable_ = 0;
    std::uint64_t lost_ = 0;
    MonotonicTime bounds_seen_at_{};
    mutable std::mutex mutex_;
    Rules rules_;       // in force
    Rules next_rules_;  // nothing: they stay
    std::condition_variable wake_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Judge>> Judge::start(store::Writer& writer, const Clock& clock,
                                            std::shared_ptr<const rules::RuleSet> rules,
                                            std::function<void()> changed) {
    auto open = [&writer, &clock, started = clock.now()](std::shared_ptr<const rules::RuleSet> in_force) {
        return Judgement::open(writer, clock, std::move(in_force), {}, started);
    };
    auto judgement = open(rules);
    if (!judgement) return judgement.error();
    return std::unique_ptr<Judge>(std::make_unique<JudgeThread>(std::move(*judgement), std::move(open),
                                                                std::move(rules), clock, std::move(changed)));
}

}  // namespace sallyport::alerts
