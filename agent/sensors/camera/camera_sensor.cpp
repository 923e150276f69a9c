// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_sensor.hpp"

#include <condition_variable>
#include <mutex>

#include "agent/sensors/camera/camera_process.hpp"
#include "protocol/json.hpp"

namespace sallyport::agent {
namespace {

using namespace std::chrono_literals;

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
        std::vector<std::string> words = {options_.program, "--source",    options_.source, "--fps",
                                          std::to_string(options_.frames_per_second), "--json", "--sandboxed"};
        if (!options_.model.empty())
            words.insert(words.end(), {"--model", options_.model});
        return words;
    }

    // Until stopped, forbidden (both success) or the process fails.
    Result<void> watch(std::stop_token stop, const SensorContext& context) {
        auto process = start_camera_process(command());
        if (!process)
            return process.error();
        bool degraded = false;
        auto checked = context.clock.monotonic();
        while (!stop.stop_requested()) {
            auto line = (*process)->read_line(kReadPatience);
            if (!line) {
                // Whatever ended it, the screen is no longer watched: that is a fact of its own.
                if (auto told = tell_state(context, "disconnected"); !told)
                    return told;
                return line.error();
            }
            if (*line)
                if (auto taken = take_line(context, **line, degraded); !taken)
                    return taken;
            if (context.clock.monotonic() - checked > kPermissionCheck) {
                checked = context.clock.monotonic();
                if (camera_forbidden(options_, context.clock.now()))
                    return {};
            }
        }
        return {};
    }

    Result<void> take_line(const SensorContext& context, const std::string& line, bool& degraded) {
        auto record = read_json_record(line, JsonLimits{.bytes_max = 1024, .depth_max = 1, .fields_max = 32});
        if (!record)
            return record.error();
        const std::string type(text_of(*record, "type"));
        if (type == "agent.sensor") {
            degraded = true;
            context.health.report(name(), SensorState::degraded, text_of(*record, "reason"));
            return {};
        }
        if (!degraded)
            context.health.report(name(), SensorState::ok, "");
        // Only these two can come from it; the catalogue refuses whatever else a body might carry.
        if (type != "camera.state" && type != "camera.presence")
            return Error(Errc::bad_input, "an unknown kind of line");
        Observation observation;
        observation.type = type;
        for (const auto& [field, value] : *record)
            if (field != "t" && field != "type")
                observation.body.append(field, value);
        observation.occurred_at = context.clock.now();
        if (type == "camera.state")
            state_ = text_of(*record, "state");
        return context.sink.take(observation);
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
};

}  // namespace

std::unique_ptr<Sensor> make_camera_sensor(CameraOptions options) {
    return std::make_unique<CameraSensor>(std::move(options));
}

}  // namespace sallyport::agent
