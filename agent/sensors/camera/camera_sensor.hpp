// SPDX-License-Identifier: Apache-2.0
//
// The screen-privacy camera as a sensor: it decides whether the camera may run, runs the camera process and turns its
// lines into observations. Off unless a root-made enable file and a valid signed permit are both there (system.md 9.9);
// either missing, expired, for another terminal, or older than one seen before = off.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/sensors/camera/camera_model.hpp"
#include "agent/sensors/input_activity.hpp"
#include "agent/sensors/sensor.hpp"
#include "protocol/camera_permit.hpp"

namespace sallyport::agent {

struct CameraOptions {
    bool enabled = false;       // the configuration's word; it can only forbid
    std::string terminal;
    std::string source;         // v4l2:/dev/videoN, v4l2:BUS, mjpeg:FILE, dir:FOLDER
    std::string enable_file;    // made by root on the terminal
    std::string permit_file;
    std::string seen_file;      // where the newest permit seen so far is noted
    std::string scene_file;     // where three numbers of the scene are kept for the next start
    std::string model;          // YuNet weights; empty: the program's default
    std::string program;        // sallyport-camera
    int frames_per_second = 5;  // where nothing is expected of the camera's model
    std::vector<posture::CameraPosture> expected;  // of each model of camera; empty: nothing is
    std::filesystem::path root = "/";              // where the camera's model is looked up
    std::optional<PublicKey> collector_key;  // who signs permits
    std::shared_ptr<const InputActivity> input;  // when somebody last used the terminal; may be none
};

// Why the camera must stay off (a token such as `no_permit`), or nothing when it may run.
[[nodiscard]] std::optional<std::string> camera_forbidden(const CameraOptions& options, WallTime now);

[[nodiscard]] std::unique_ptr<Sensor> make_camera_sensor(CameraOptions options);

}  // namespace sallyport::agent
