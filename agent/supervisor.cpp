// SPDX-License-Identifier: Apache-2.0
#include "agent/supervisor.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
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
            const Result<void> ended = run_once(stop);
            if (stop.stop_requested())
                return;
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
