// SPDX-License-Identifier: Apache-2.0
//
// sallyport-camera: opens the camera, tells counts and states as JSON lines, and keeps every picture to itself.
// Contract: system.md section 5. Exit codes: 0 source finished, 2 wrong call, 3 source or detector failed.
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "agent/sensors/camera/process/frame_source.hpp"
#include "agent/sensors/camera/process/picture_decoder.hpp"
#include "agent/sensors/camera/process/sandbox.hpp"
#include "agent/sensors/camera/process/screen_watch.hpp"
#include "protocol/json.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::camera;

constexpr int kEnvironmentFailed = 3;
constexpr double kInspectedPerSecond = 5;
constexpr const char* kDefaultModel = SALLYPORT_MODEL_FOLDER "/face_detection_yunet_2022mar.onnx";

struct Options {
    std::string source;
    int frames_per_second = 5;
    std::string model = kDefaultModel;
    bool json = false;
    bool paced = true;
    bool sandboxed = false;
    std::vector<std::string> images;
};

int complain(const Error& error) {
    std::fprintf(stderr, "sallyport-camera: %s\n", error.message().c_str());
    return kEnvironmentFailed;
}

void tell(double t, std::string_view type, const Record& body) {
    Record line{{"t", std::round(t * 1000) / 1000}, {"type", type}};
    for (const auto& [name, value] : body)
        line.append(name, value);
    // One write a line: the reader never sees half of one.
    std::cout << write_json(line) + "\n" << std::flush;
}

// YuNet where its weights are; else the cascade, told as a degraded sensor.
Result<std::unique_ptr<FaceDetector>> open_detector(const Options& options, bool& degraded) {
    auto yunet = open_yunet_detector(options.model);
    degraded = !yunet;
    if (yunet)
        return yunet;
    std::fprintf(stderr, "sallyport-camera: %s; using the Haar cascade\n", yunet.error().message().c_str());
    return open_haar_detector();
}

cv::Mat fitted(const cv::Mat& picture) {
    const double scale = std::min(640.0 / picture.cols, 480.0 / picture.rows);
    if (std::fabs(scale - 1) < 0.01)
        return picture;
    cv::Mat small;
    cv::resize(picture, small, cv::Size(), scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    return small;
}

int detect_images(const Options& options, FaceDetector& detector) {
    PictureDecoder decoder;
    int status = 0;
    for (const std::string& image : options.images) {
        std::FILE* file = std::fopen(image.c_str(), "rb");
        RawFrame frame;
        if (file != nullptr) {
            char chunk[65536];
            for (std::size_t n = 0; (n = std::fread(chunk, 1, sizeof chunk, file)) > 0;)
                frame.bytes.insert(frame.bytes.end(), chunk, chunk + n);
            std::fclose(file);
        }
        auto picture = decoder.decode(frame);
        if (!picture) {
            status = complain(picture.error().within(image));
            continue;
        }
        List faces;
        for (const Face& face : detector.detect(*picture))
            faces.emplace_back(List{static_cast<double>(face.x), static_cast<double>(face.y),
                                    static_cast<double>(face.width), static_cast<double>(face.height),
                                    static_cast<double>(face.score)});
        std::cout << write_json(Record{{"image", image}, {"faces", std::move(faces)}}) + "\n" << std::flush;
    }
    return status;
}

int end_of_source(double t, SourceEnd end) {
    if (end == SourceEnd::finished)
        return 0;
    tell(t, "camera.state", Record{{"state", end == SourceEnd::busy ? "in_use_by_other" : "disconnected"},
                                   {"indicator", "unknown"}});
    return kEnvironmentFailed;
}

int watch(const Options& options, std::unique_ptr<FaceDetector> detector, bool degraded) {
    auto source = open_source(options.source, options.frames_per_second);
    if (!source)
        return complain(source.error());
    PictureDecoder decoder;
    if (options.sandboxed)
        if (auto confined = enter_sandbox(); !confined)
            return complain(confined.error());
    if (degraded)
        tell(0, "agent.sensor", Record{{"sensor", "camera"}, {"state", "degraded"}, {"reason", "haar_fallback"}});

    ScreenWatch screen(std::move(detector));
    using SteadyClock = std::chrono::steady_clock;
    std::optional<SteadyClock::time_point> start;
    double last_inspected = -1;
    for (std::int64_t number = 0;; ++number) {
        auto next = (*source)->next();
        if (!next)
            return complain(next.error());
        if (!start)
            start = SteadyClock::now();
        double t = static_cast<double>(number) / options.frames_per_second;
        if ((*source)->live())
            t = std::chrono::duration<double>(SteadyClock::now() - *start).count();
        else if (options.paced)
            std::this_thread::sleep_until(*start + std::chrono::duration_cast<SteadyClock::duration>(
                                                       std::chrono::duration<double>(t)));
        if (next->ended)
            return end_of_source(t, next->end);
        if (t - last_inspected < 0.95 / kInspectedPerSecond)
            continue;
        last_inspected = t;
        auto picture = decoder.decode(next->frame);
        if (!picture) {
            std::fprintf(stderr, "sallyport-camera: %s, ignoring\n", picture.error().message().c_str());
            continue;
        }
        for (const CameraEvent& event : screen.look(t, fitted(*picture)))
            tell(event.t, event.type, event.body);
    }
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Watches over the privacy of a screen; tells counts and states, never pictures.", "sallyport-camera"};
    app.add_option("--source", options.source, "v4l2:/dev/videoN, mjpeg:FILE or dir:FOLDER");
    app.add_option("--fps", options.frames_per_second, "pictures a second of the source")->check(CLI::Range(1, 60));
    app.add_option("--model", options.model, "YuNet weights (2022mar); without them the Haar cascade is used");
    app.add_flag("--json", options.json, "events as JSON lines on standard output");
    app.add_flag("!--no-pace", options.paced, "recorded sources as fast as possible");
    app.add_flag("--sandboxed", options.sandboxed, "give up network, writing and core dumps before the first picture");
    app.add_option("--detect", options.images, "print the faces of each JPEG and end");
    try {
        app.parse(argc, argv);
        if (options.source.empty() == options.images.empty())
            throw CLI::ValidationError("either --source or --detect must be given");
    } catch (const CLI::ParseError& fault) {
        return app.exit(fault) == 0 ? 0 : 2;
    }
    cv::setNumThreads(1);  // two threads cost more CPU and save no time at this size
    try {
        bool degraded = false;
        auto detector = open_detector(options, degraded);
        if (!detector)
            return complain(detector.error());
        return options.images.empty() ? watch(options, std::move(detector).value(), degraded)
                                      : detect_images(options, **detector);
    } catch (const std::exception& failure) {
        return complain(Error(Errc::internal, failure.what()));
    }
}
