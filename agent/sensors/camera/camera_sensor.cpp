// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_sensor.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>

#include "agent/sensors/camera/camera_process.hpp"
#include "agent/sensors/camera/report_budget.hpp"
#include "agent/sensors/camera/scene_memory.hpp"

namespace sallyport::agent {
namespace {

using namespace std::chrono_literals;
using camera::CameraState;

// Permission may end while the camera runs; this is how soon it then goes dark.
constexpr auto kPermissionCheck = 10s;
constexpr auto kReadPatience = 1s;

class CameraSensor final : public Sensor {
public:
    explicit CameraSensor(CameraOptions options) : options_(std::move(options)) {}

    std::string_view name() const override { return "camera"; }

    Result<void> run(std::stop_token stop, const SensorContext& context) override {
        while (!stop.stop_requested()) {
            if (auto reason = camera_forbidden(options_, context.clock.now())) {
                context.health.report(name(), SensorState::off, *reason);
                if (auto told = tell_state(context, "off"); !told)
                    return told;
                wait(stop, kPermissionCheck);
                continue;
            }
            if (auto watched = watch(stop, context); !watched)
                return watched.error().within("camera");
        }
        return {};
    }

private:
    static void wait(std::stop_token stop, std::chrono::milliseconds time) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
    }

    std::vector<std::string> command() const {
        const int rate = expected_ != nullptr ? expected_->frames_per_second : options_.frames_per_second;
        std::vector<std::string> words = {options_.program, "--source", options_.source, "--fps", std::to_string(rate),
                                          "--socket", std::to_string(kCameraSocket)};
        if (expected_ != nullptr)
            add_expected(words);
        if (!options_.model.empty())
            words.insert(words.end(), {"--model", options_.model});
        if (const auto scene = read_scene(options_.scene_file))
            words.insert(words.end(), {"--scene", std::to_string(scene->mean), std::to_string(scene->deviation),
                                       std::to_string(scene->sharpness)});
        return words;
    }

    // posture_file.cpp takes no other thresholds than the process has.
    void add_expected(std::vector<std::string>& words) const {
        words.insert(words.end(), {"--width", std::to_string(expected_->width), "--height", std::to_string(expected_->height)});
        for (const auto& [name, value] : expected_->thresholds) {
            std::string option = "--" + name;
            std::replace(option.begin(), option.end(), '_', '-');
            words.insert(words.end(), {std::move(option), std::to_string(value)});
        }
    }

    // The model is asked anew at each start of the process: another camera may be in the port.
    Result<void> choose_expected(const SensorContext& context) {
        expected_ = nullptr;
        const auto model = camera_model(options_.root, options_.source);
        if (!model || options_.expected.empty())
            return {};
        expected_ = expected_of(options_.expected, *model);
        return tell_setting(context, "camera_model", model->vid + ":" + model->pid, expected_ != nullptr);
    }

    Result<void> tell_setting(const SensorContext& context, const std::string& name, const std::string& value, bool expected) {
        const auto known = settings_.find(name);
        if (known != settings_.end() && known->second == value)
            return {};
        Observation setting;
        setting.type = "policy.setting";
        setting.body = {{"name", name}, {"value", value}};
        if (known != settings_.end())
            setting.body.set("previous", known->second);
        setting.body.set("compliant", expected ? "yes" : "no");
        if (auto taken = context.sink.take(setting); !taken)
            return taken;
        settings_[name] = value;
        return {};
    }

    // Until stopped, forbidden (both success) or the process fails.
    Result<void> watch(std::stop_token stop, const SensorContext& context) {
        if (auto chosen = choose_expected(context); !chosen)
            return chosen;
        auto process = start_camera_process(command());
        if (!process)
            return process.error();
        fallback_ = false;
        size_told_ = false;
        cued_.clear();  // this process has not heard of it
        ReportBudget budget(context.clock.monotonic());
        auto checked = context.clock.monotonic();
        while (!stop.stop_requested()) {
            tell_input(context, **process);
            hand_on_cue(context, **process);
            auto report = (*process)->read(kReadPatience);
            if (report && *report && !budget.spend(context.clock.monotonic()))
                report = Error(Errc::refused, "camera process: more reports than a camera has to tell");
            if (!report) {
                // Whatever ended it, the screen is no longer watched: that is a fact of its own.
                if (auto told = tell_state(context, "disconnected"); !told)
                    return told;
                return report.error();
            }
            if (*report)
                if (auto taken = take(context, **report); !taken)
                    return taken;
            if (context.clock.monotonic() - checked > kPermissionCheck) {
                checked = context.clock.monotonic();
                if (camera_forbidden(options_, context.clock.now()))
                    return {};
            }
        }
        return {};
    }

    void tell_input(const SensorContext& context, CameraProcess& process) {
        const auto last = options_.input ? options_.input->last() : std::nullopt;
        if (!last || last == told_input_)
            return;
        told_input_ = last;
        const auto now = std::max(context.clock.monotonic(), *last);
        process.tell_input(std::chrono::duration_cast<std::chrono::milliseconds>(now - *last));
    }

    // A drill's cue is a printed pattern: nothing that hides the view, so that every state and face is told as ever.
    void hand_on_cue(const SensorContext& context, CameraProcess& process) {
        const auto drill = context.drill.cue(name());
        if (!drill || drill->nonce == cued_)
            return;
        cued_ = drill->nonce;
        process.ask_for_pattern(kDrillLongest);
    }

    // Once a process: it is no channel.
    Result<void> take_size(const SensorContext& context, const camera::PictureSize& size) {
        if (std::exchange(size_told_, true))
            return Error(Errc::refused, "camera process: told the size of its pictures twice");
        if (expected_ == nullptr)
            return {};
        const bool fits = static_cast<int>(size.width) == expected_->width && static_cast<int>(size.height) == expected_->height;
        return tell_setting(context, "camera_resolution", std::to_string(size.width) + "x" + std::to_string(size.height), fits);
    }

    Result<void> take(const SensorContext& context, const camera::Report& report) {
        if (const auto* size = std::get_if<camera::PictureSize>(&report))
            return take_size(context, *size);
        if (std::holds_alternative<camera::PatternSeen>(report))
            return context.drill.looked(name());
        if (const auto* scene = std::get_if<camera::SceneNumbers>(&report)) {
            (void)write_scene(options_.scene_file, *scene);  // without it the next start only lacks a memory
            return {};
        }
        if (std::holds_alternative<camera::Degraded>(report)) {
            fallback_ = true;
            context.health.report(name(), SensorState::degraded, "haar_fallback");
            return {};
        }
        if (const auto* state = std::get_if<CameraState>(&report)) {
            report_health(context, *state);
            return tell_state(context, camera::name_of(*state));
        }
        return context.sink.take({std::string(camera::event_type(report)), camera::event_body(report),
                                  context.clock.now(), {}, {}, EventOutcome::detected});
    }

    // A camera that is away, taken or no camera at all leaves the terminal unwatched: the sensor is not well.
    void report_health(const SensorContext& context, CameraState state) const {
        switch (state) {
            case CameraState::disconnected:
                return context.health.report(name(), SensorState::degraded, "camera_missing");
            case CameraState::in_use_by_other:
                return context.health.report(name(), SensorState::degraded, "camera_busy");
            case CameraState::is_virtual:
                return context.health.report(name(), SensorState::degraded, "camera_virtual");
            default:
                if (!fallback_)
                    context.health.report(name(), SensorState::ok, "");
        }
    }

    Result<void> tell_state(const SensorContext& context, std::string_view state) {
        // A camera that was never on has no state worth an event: `off` is in the heartbeat.
        if (state_ == state || (state_.empty() && state == "off"))
            return {};
        Observation observation{"camera.state", Record{{"state", state}, {"indicator", "unknown"}},
                                context.clock.now(), {}, {}, EventOutcome::detected};
        auto taken = context.sink.take(observation);
        if (taken)
            state_ = state;
        return taken;
    }

    CameraOptions options_;
    std::string state_;
    bool fallback_ = false;
    std::optional<MonotonicTime> told_input_;
    const posture::CameraPosture* expected_ = nullptr;  // of this camera's model, among the options
    std::map<std::string, std::string> settings_;       // as they were told last
    bool size_told_ = false;
    std::string cued_;  // the drill that the process was told of
};

}  // namespace

std::unique_ptr<Sensor> make_camera_sensor(CameraOptions options) {
    return std::make_unique<CameraSensor>(std::move(options));
}

}  // namespace sallyport::agent
