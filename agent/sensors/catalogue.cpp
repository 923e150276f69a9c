// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/catalogue.hpp"

#include "agent/configuration.hpp"
#include "agent/sensors/camera/camera_sensor.hpp"
#include "agent/sensors/identity/identity_sensor.hpp"
#include "agent/sensors/print/print_sensor.hpp"
#include "agent/sensors/session/session_sensor.hpp"
#include "agent/sensors/usb/usb_sensor.hpp"
#include "agent/version.hpp"

namespace sallyport::agent {
namespace {

// What a sensor must remember across restarts lies beside the spool.
std::filesystem::path beside_spool(const Configuration& configuration, std::string_view name) {
    return std::filesystem::absolute(configuration.spool).parent_path() / name;
}

std::unique_ptr<Sensor> make_identity(const Configuration& configuration) {
    IdentityOptions options;
    options.ori = configuration.ori;
    options.agent_version = kAgentVersion;
    options.memory_file = beside_spool(configuration, "identity.memory");
    return make_identity_sensor(options);
}

std::unique_ptr<Sensor> make_usb(const Configuration&) { return make_usb_sensor(); }

std::unique_ptr<Sensor> make_print(const Configuration& configuration) {
    PrintOptions options;
    options.server = configuration.print_server;
    options.look_every = configuration.print_look_every;
    options.spool = configuration.print_spool;
    options.settings = configuration.print_settings;
    options.devices = "/dev";
    options.memory_file = beside_spool(configuration, "print.memory");
    return make_print_sensor(options);
}

std::unique_ptr<Sensor> make_session(const Configuration& configuration) {
    return make_session_sensor(SessionOptions{.lock_limit = configuration.lock_limit});
}

std::unique_ptr<Sensor> make_camera(const Configuration& configuration) {
    CameraOptions options;
    options.enabled = configuration.sensors.camera;
    options.terminal = configuration.terminal;
    options.source = configuration.camera.source;
    options.enable_file = configuration.camera.enable_file.string();
    options.permit_file = configuration.camera.permit.string();
    options.seen_file = beside_spool(configuration, "camera.seen").string();
    options.model = configuration.camera.model.string();
    options.program = configuration.camera.program.string();
    options.frames_per_second = configuration.camera.frames_per_second;
    if (auto key = PublicKey::load_pem(configuration.collector_key))
        options.collector_key = *key;
    return make_camera_sensor(options);
}

constexpr SensorRow kCatalogue[] = {
    {"identity", [](const Configuration& c) { return c.sensors.identity; }, "disabled", make_identity},
    {"usb", [](const Configuration& c) { return c.sensors.usb; }, "disabled", make_usb},
    {"print", [](const Configuration& c) { return c.sensors.print; }, "disabled", make_print},
    {"session", [](const Configuration& c) { return c.sensors.session; }, "disabled", make_session},
    {"camera", [](const Configuration& c) { return c.sensors.camera; }, "not_enabled", make_camera},
};

}  // namespace

std::span<const SensorRow> sensor_catalogue() { return kCatalogue; }

}  // namespace sallyport::agent
