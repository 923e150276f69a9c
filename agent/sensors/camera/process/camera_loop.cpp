// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/camera_loop.hpp"

#include <malloc.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "agent/sensors/camera/process/frame_source.hpp"
#include "agent/sensors/camera/process/pattern_detector.hpp"
#include "agent/sensors/camera/process/picture_decoder.hpp"
#include "agent/sensors/camera/process/replay_detector.hpp"
#include "agent/sensors/camera/process/screen_watch.hpp"
#include "agent/sensors/camera/process/video_device.hpp"

namespace sallyport::camera {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr double kInspectedPerSecond = 5;
constexpr std::chrono::seconds kRetry{10};
constexpr double kShutterEveryS = 1.0;   // asking a USB camera costs a transfer
constexpr double kSceneEveryS = 600;
constexpr double kPatternEveryS = 0.5;
constexpr double kPatternLongestS = 15 * 60;

std::optional<CameraState> state_without(const Error& error) {
    switch (error.code()) {
        case Errc::conflict: return CameraState::in_use_by_other;
        case Errc::refused: return CameraState::is_virtual;
        case Errc::unavailable: return CameraState::disconnected;
        default: return std::nullopt;
    }
}

cv::Mat fitted(const cv::Mat& picture) {
    const double scale = std::min(640.0 / picture.cols, 480.0 / picture.rows);
    if (std::fabs(scale - 1) < 0.01)
        return picture;
    cv::Mat small;
    cv::resize(picture, small, cv::Size(), scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return small;
}

SceneNumbers numbers_of(const Measures& measures) {
    const auto thousandths = [](double value) { return static_cast<std::uint32_t>(std::lround(value * 1000)); };
    return {thousandths(measures.mean), thousandths(measures.deviation), thousandths(measures.sharpness)};
}

class CameraLoop {
public:
    CameraLoop(const LoopOptions& options, std::unique_ptr<FaceDetector> detector, ReportOutlet& outlet)
        : options_(options), detector_(std::move(detector)), outlet_(outlet) {}

    Result<void> run() {
        auto source = open();
        if (!source)
            return source.error();
        source_ = std::move(source).value();
        if (auto confined = confine(); !confined)
            return confined;
        if (options_.degraded)
            if (auto told = outlet_.tell({0, Degraded{}}); !told)
                return told;
        watch_.emplace(std::move(detector_), options_.thresholds);
        if (options_.remembered)
            watch_->remember(*options_.remembered);
        replay_.emplace(source_->is_sensor());
        return watch();
    }

private:
    // Nothing has been seen yet, so that it may still open nodes and write to the journal.
    Result<std::unique_ptr<FrameSource>> open() {
        const bool camera = options_.source.starts_with("v4l2:");
        std::optional<CameraState> told;
        for (;;) {
            auto source = open_source(options_.source, options_.frames_per_second, options_.size);
            const auto state = source || !camera ? std::nullopt : state_without(source.error());
            if (!state)
                return source;
            if (state != told) {
                explain(source.error());
                if (auto sent = outlet_.tell({0, *state}); !sent)
                    return sent.error();
            }
            told = state;
            if (!options_.patient)
                return source;
            await_video_change(options_.source.substr(5), kRetry);
        }
    }

    void explain(const Error& error) const {
        std::string holders;
        if (error.code() == Errc::conflict)
            holders = "; open in " + holders_of(options_.source.substr(5));
        std::fprintf(stderr, "sallyport-camera: %s%s\n", error.message().c_str(), holders.c_str());
    }

    Result<void> confine() {
        // Once on nothing: libraries read what they need at the first use, and may not open it later.
        (void)detector_->detect(cv::Mat::zeros(480, 640, CV_8UC3));
        (void)pattern_.sees(cv::Mat::zeros(480, 640, CV_8UC3));
        ::malloc_trim(0);  // what loading the weights took for a moment
        if (!options_.sandboxed)
            return {};
        Doors doors = outlet_.doors();
        doors.reads_files = options_.source.starts_with("dir:");
        if (doors.outlet > 2)
            close_standard_streams();
        return enter_sandbox(doors);
    }

    Result<void> watch() {
        for (std::int64_t number = 0;; ++number) {
            auto next = source_->next();
            if (!next)
                return next.error();
            const double t = time_of(number);
            if (next->ended)
                return end(t, next->end);
            const bool repeats = replay_->repeats(t, next->frame.bytes);
            if (t - last_inspected_ < 0.95 / kInspectedPerSecond)
                continue;
            last_inspected_ = t;
            if (auto told = inspect(t, next->frame, repeats); !told)
                return told;
        }
    }

    double time_of(std::int64_t number) {
        if (!start_)
            start_ = SteadyClock::now();
        if (source_->live())
            return Seconds(SteadyClock::now() - *start_).count();
        const double t = static_cast<double>(number) / options_.frames_per_second;
        if (options_.paced)
            std::this_thread::sleep_until(*start_ + std::chrono::duration_cast<SteadyClock::duration>(Seconds(t)));
        return t;
    }

    Result<void> inspect(double t, const RawFrame& frame, bool repeats) {
        auto picture = decoder_.decode(frame);
        if (!picture)
            return {};  // cameras do send a broken picture now and then
        if (t - last_shutter_ >= kShutterEveryS) {
            last_shutter_ = t;
            shutter_closed_ = source_->shutter_closed();
        }
        if (auto told = tell_size(t, *picture); !told)
            return told;
        const ReportOutlet::Heard heard = outlet_.heard();
        if (heard.input_ago_s)
            watch_->note_input(t - *heard.input_ago_s);
        if (heard.pattern_for_s)
            pattern_until_ = t + std::min(*heard.pattern_for_s, kPatternLongestS);
        const cv::Mat fit = fitted(*picture);
        for (const CameraEvent& event : watch_->look(t, Look{fit, repeats, shutter_closed_}))
            if (auto told = outlet_.tell(event); !told)
                return told;
        if (auto told = look_for_pattern(t, fit); !told)
            return told;
        return tell_scene(t);
    }

    Result<void> tell_size(double t, const cv::Mat& picture) {
        if (size_told_)
            return {};
        size_told_ = true;
        return outlet_.tell({t, PictureSize{static_cast<std::uint32_t>(picture.cols), static_cast<std::uint32_t>(picture.rows)}});
    }

    // Only while a drill asks for it, and only until it was seen once.
    Result<void> look_for_pattern(double t, const cv::Mat& picture) {
        if (t >= pattern_until_ || t - last_pattern_ < kPatternEveryS)
            return {};
        last_pattern_ = t;
        if (!pattern_.sees(picture))
            return {};
        pattern_until_ = 0;
        return outlet_.tell({t, PatternSeen{}});
    }

    Result<void> tell_scene(double t) {
        if (t - last_scene_ < kSceneEveryS)
            return {};
        const auto measures = watch_->lasting();
        if (!measures)
            return {};
        last_scene_ = t;
        return outlet_.tell({t, numbers_of(*measures)});
    }

    Result<void> end(double t, SourceEnd end) {
        if (end == SourceEnd::finished)
            return {};
        const CameraState state = end == SourceEnd::busy ? CameraState::in_use_by_other : CameraState::disconnected;
        if (auto told = outlet_.tell({t, state}); !told)
            return told;
        return Error(Errc::unavailable, "camera: gone");
    }

    const LoopOptions& options_;
    std::unique_ptr<FaceDetector> detector_;
    ReportOutlet& outlet_;
    std::unique_ptr<FrameSource> source_;
    PictureDecoder decoder_;
    std::optional<ScreenWatch> watch_;
    std::optional<ReplayDetector> replay_;
    PatternDetector pattern_;
    double pattern_until_ = 0;
    double last_pattern_ = -kPatternEveryS;
    bool size_told_ = false;
    std::optional<SteadyClock::time_point> start_;
    double last_inspected_ = -1;
    double last_shutter_ = -10;
    double last_scene_ = -kSceneEveryS;
    bool shutter_closed_ = false;
};

}  // namespace

Result<void> run_camera_loop(const LoopOptions& options, std::unique_ptr<FaceDetector> detector,
                             ReportOutlet& outlet) {
    return CameraLoop(options, std::move(detector), outlet).run();
}

}  // namespace sallyport::camera
