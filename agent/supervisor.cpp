// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "agent/service/linux_host.hpp"

namespace sallyport::agent {
namespace {

constexpr std::chrono::seconds kPatienceAtDestruction{5};

// The event's reason: a token, as a sentence could carry what must not leave the terminal.
std::string reason_of(const Error& error) {
    std::string token = "failed_" + std::string(to_string(error.code()));
    for (char& letter : token)
        letter = letter == ' ' ? '_' : letter;
    return token;
}

}  // namespace

// One sensor and its thread. The thread holds a share of it, so that one that hangs outlives the supervisor safely.
// It listens to what the sensor reports of itself: one that said why it is absent is not then called degraded.
class Supervisor::Watch final : private SensorHealth {
public:
    Watch(std::unique_ptr<Sensor> sensor, SensorContext context, SupervisorPauses pauses, Failed failed)
        : sensor_(std::move(sensor)), context_(context), pauses_(pauses), failed_(std::move(failed)) {}

    static void start(const std::shared_ptr<Watch>& watch) {
        watch->thread_ = std::jthread([watch](const std::stop_token& stop) {
            name_this_thread(watch->name());
            watch->keep_running(stop);
            const std::lock_guard lock(watch->mutex_);
            watch->ended_ = true;
            watch->changed_.notify_all();
        });
    }
    void ask_to_stop() { thread_.request_stop(); }
    bool rest(std::string_view reason) {
        const std::lock_guard lock(mutex_);
        if (rest_reason_ || explained_)  // what is off or absent has nothing to give up
            return false;
        rest_reason_ = reason;
        if (run_)
            run_->request_stop();
        return true;
    }
    bool let_go_on() {
        const std::lock_guard lock(mutex_);
        const bool rested = rest_reason_.has_value();
        rest_reason_.reset();
        changed_.notify_all();
        return rested;
    }
    // True when the thread has ended; else it is let go.
    bool join(std::chrono::steady_clock::time_point until) {
        if (!thread_.joinable())
            return true;
        std::unique_lock lock(mutex_);
        const bool ended = changed_.wait_until(lock, until, [this] { return ended_; });
        lock.unlock();
        if (ended)
            thread_.join();
        else
            thread_.detach();
        return ended;
    }
    [[nodiscard]] std::string name() const { return std::string(sensor_->name()); }

private:
    void report(std::string_view sensor, SensorState state, std::string_view reason) override {
        if (sensor == sensor_->name())
            explained_ = state != SensorState::ok;
        context_.health.report(sensor, state, reason);
    }

    void keep_running(const std::stop_token& stop) {
        auto pause = pauses_.shortest;
        while (!stop.stop_requested()) {
            const auto started = std::chrono::steady_clock::now();
            const Result<void> ended = run_unless_resting(stop);
            if (stop.stop_requested())
                return;
            if (has_rested(stop))
                continue;
            const Error error = ended ? Error(Errc::internal, "ended without being asked to") : ended.error();
            if (!explained_)
                context_.health.report(sensor_->name(), SensorState::degraded, reason_of(error));
            if (std::chrono::steady_clock::now() - started >= pauses_.sound)
                pause = pauses_.shortest;
            failed_("sensor " + name() + ": " + error.message() + "; again in " + std::to_string(pause.count()) + " ms");
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, stop, pause, [] { return false; });
            pause = std::min(pause * 2, pauses_.longest);
        }
    }

    // A run can be ended by itself, without the thread.
    Result<void> run_unless_resting(const std::stop_token& stop) {
        std::stop_source run;
        const std::stop_callback both(stop, [&run] { run.request_stop(); });
        {
            const std::lock_guard lock(mutex_);
            if (rest_reason_)
                return {};
            run_ = &run;
        }
        auto ended = run_once(run.get_token());
        const std::lock_guard lock(mutex_);
        run_ = nullptr;
        return ended;
    }

    // Reports the rest and waits for its end; false when the run ended for another reason.
    bool has_rested(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        if (!rest_reason_)
            return false;
        const std::string reason = *rest_reason_;
        lock.unlock();
        context_.health.report(sensor_->name(), SensorState::degraded, reason);
        lock.lock();
        changed_.wait(lock, stop, [this] { return !rest_reason_; });
        return true;
    }

    Result<void> run_once(const std::stop_token& stop) {
        // Sensors catch their libraries' exceptions themselves; what slips through must not end the other sensors.
        explained_ = false;
        try {
            return sensor_->run(stop, SensorContext{context_.sink, *this, context_.clock, context_.drill});
        } catch (const std::exception& exception) {
            return Error(Errc::internal, std::string("threw: ") + exception.what());
        } catch (...) {
            return Error(Errc::internal, "threw something");
        }
    }

    const std::unique_ptr<Sensor> sensor_;
    const SensorContext context_;
    const SupervisorPauses pauses_;
    const Failed failed_;
    std::atomic<bool> explained_{false};
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool ended_ = false;
    std::optional<std::string> rest_reason_;  // while it rests
    std::stop_source* run_ = nullptr;         // of the run under way
    std::jthread thread_;
};

Supervisor::Supervisor(SensorContext context, SupervisorPauses pauses, Failed failed)
    : context_(context), pauses_(pauses), failed_(std::move(failed)) {}

Supervisor::~Supervisor() { (void)stop(kPatienceAtDestruction); }

void Supervisor::start(std::unique_ptr<Sensor> sensor) {
    auto watch = std::make_shared<Watch>(std::move(sensor), context_, pauses_, failed_);
    watches_.push_back(watch);
    Watch::start(watch);
}

Supervisor::Watch* Supervisor::find(std::string_view sensor) const {
    const auto found = std::find_if(watches_.begin(), watches_.end(), [&](const auto& watch) { return watch->name() == sensor; });
    return found != watches_.end() ? found->get() : nullptr;
}

bool Supervisor::rest(std::string_view sensor, std::string_view reason) {
    Watch* watch = find(sensor);
    return watch != nullptr && watch->rest(reason);
}

bool Supervisor::let_go_on(std::string_view sensor) {
    Watch* watch = find(sensor);
    return watch != nullptr && watch->let_go_on();
}

std::vector<std::string> Supervisor::stop(std::chrono::milliseconds patience) {
    for (const auto& watch : watches_)
        watch->ask_to_stop();
    const auto until = std::chrono::steady_clock::now() + patience;
    std::vector<std::string> hanging;
    for (const auto& watch : watches_) {
        if (!watch->join(until))
            hanging.push_back(watch->name());
    }
    watches_.clear();
    return hanging;
}

}  // namespace sallyport::agent
