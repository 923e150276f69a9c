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

class JudgeThread final : public Judge {
public:
    using Open = std::function<Result<std::unique_ptr<Judgement>>()>;

    JudgeThread(std::unique_ptr<Judgement> judgement, Open open, const Clock& clock,
                std::function<void()> changed)
        : judgement_(std::move(judgement)),
          open_(std::move(open)),
          clock_(clock),
          changed_(std::move(changed)),
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

private:
    void work() {
        while (!stopping()) {
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
        if (!progress->judged) wait(until_next_deadline());
        return {};
    }

    Result<void> reopen() {
        auto judgement = open_();
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
    std::mutex mutex_;
    std::condition_variable wake_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Judge>> Judge::start(store::Writer& writer, const Clock& clock,
                                            std::shared_ptr<const rules::RuleSet> rules,
                                            std::function<void()> changed) {
    auto open = [&writer, &clock, rules = std::move(rules)] { return Judgement::open(writer, clock, rules); };
    auto judgement = open();
    if (!judgement) return judgement.error();
    return std::unique_ptr<Judge>(
        std::make_unique<JudgeThread>(std::move(*judgement), std::move(open), clock, std::move(changed)));
}

}  // namespace sallyport::alerts
