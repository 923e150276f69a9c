// SPDX-License-Identifier: Apache-2.0
//
// sallyport-camera: opens the camera, tells counts and states, and keeps every picture to itself.
// Contract: system.md section 5. Exit codes: 0 source finished, 2 wrong call, 3 source or detector failed.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "agent/sensors/camera/process/camera_loop.hpp"
#include "agent/sensors/camera/process/picture_decoder.hpp"
#include "protocol/json.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::camera;

constexpr int kEnvironmentFailed = 3;
constexpr const char* kDefaultModel = SALLYPORT_MODEL_FOLDER "/face_detection_yunet_2022mar.onnx";

struct Options {
    LoopOptions loop;
    std::string model = kDefaultModel;
    bool json = false;
    int socket = -1;
    std::vector<std::uint32_t> scene;
    std::vector<std::string> images;
};

int complain(const Error& error) {
    std::fprintf(stderr, "sallyport-camera: %s\n", error.message().c_str());
    return kEnvironmentFailed;
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

int watch(Options& options, std::unique_ptr<FaceDetector> detector) {
    LoopOptions& loop = options.loop;
    if (options.scene.size() == 3)
        loop.remembered = Measures{options.scene[0] / 1000.0, options.scene[1] / 1000.0, options.scene[2] / 1000.0};
    const bool agent = options.socket >= 0;
    loop.patient = agent;
    loop.sandboxed = loop.sandboxed || agent;
    const auto outlet = agent ? agent_socket(options.socket) : json_lines();
    const auto ended = run_camera_loop(loop, std::move(detector), *outlet);
    return ended ? 0 : complain(ended.error());
}

void describe(CLI::App& app, Options& options) {
    app.add_option("--source", options.loop.source, "v4l2:/dev/videoN, v4l2:BUS, mjpeg:FILE or dir:FOLDER");
    app.add_option("--fps", options.loop.frames_per_second, "pictures a second of the source")
        ->check(CLI::Range(1, 60));
    app.add_option("--width", options.loop.size.width, "of the pictures asked for")->check(CLI::Range(160, 7680));
    app.add_option("--height", options.loop.size.height, "of the pictures asked for")->check(CLI::Range(120, 4320));
    app.add_option("--covered-contrast", options.loop.thresholds.covered_contrast, "grey levels: less is a covered lens")
        ->check(CLI::Range(1.0, 60.0));
    app.add_option("--blinded-brightness", options.loop.thresholds.blinded_brightness,
                   "grey level: a flat picture brighter than that is a blinded lens")
        ->check(CLI::Range(128.0, 254.0));
    app.add_option("--model", options.model, "YuNet weights (2022mar); without them the Haar cascade is used");
    app.add_flag("--json", options.json, "events as JSON lines on standard output");
    app.add_flag("!--no-pace", options.loop.paced, "recorded sources as fast as possible");
    app.add_flag("--sandboxed", options.loop.sandboxed, "give up every other way out before the first picture");
    app.add_option("--socket", options.socket, "reports to the agent on this inherited descriptor, sandboxed");
    app.add_option("--scene", options.scene, "mean, contrast and sharpness of the last run, in thousandths")
        ->expected(3);
    app.add_option("--detect", options.images, "print the faces of each JPEG and end");
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Watches over the privacy of a screen; tells counts and states, never pictures.", "sallyport-camera"};
    describe(app, options);
    try {
        app.parse(argc, argv);
        if (options.loop.source.empty() == options.images.empty())
            throw CLI::ValidationError("either --source or --detect must be given");
    } catch (const CLI::ParseError& fault) {
        return app.exit(fault) == 0 ? 0 : 2;
    }
    cv::setNumThreads(1);  // two threads cost more CPU and save no time at this size
    try {
        auto detector = open_detector(options, options.loop.degraded);
        if (!detector)
            return complain(detector.error());
        return options.images.empty() ? watch(options, std::move(detector).value())
                                      : detect_images(options, **detector);
    } catch (const std::exception& failure) {
        return complain(Error(Errc::internal, failure.what()));
    }
}
