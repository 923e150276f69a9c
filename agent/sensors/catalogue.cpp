// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/catalogue.hpp"

#include "agent/configuration.hpp"
#include "agent/sensors/camera/camera_sensor.hpp"
#include "agent/sensors/host/capture_watch.hpp"
#include "agent/sensors/host/chassis_watch.hpp"
#include "agent/sensors/host/clets_client_watch.hpp"
#include "agent/sensors/host/display_watch.hpp"
#include "agent/sensors/host/firmware_watch.hpp"
#include "agent/sensors/host/logon_watch.hpp"
#include "agent/sensors/host/network_watch.hpp"
#include "agent/sensors/host/settings_watch.hpp"
#include "agent/sensors/identity/identity_sensor.hpp"
#include "agent/sensors/input_activity.hpp"
#include "agent/sensors/kernel_files.hpp"
#include "agent/sensors/print/print_sensor.hpp"
#include "agent/sensors/session/session_sensor.hpp"
#include "agent/sensors/usb/policy_file.hpp"
#include "agent/sensors/usb/usb_sensor.hpp"
#include "agent/version.hpp"
#include "posture/posture.hpp"

namespace sallyport::agent {
namespace {

// What a sensor must remember across restarts lies beside the spool.
std::filesystem::path beside_spool(const Configuration& configuration, std::string_view name) {
    return std::filesystem::absolute(configuration.spool).parent_path() / name;
}

// What is expected of this machine's model; nothing where no file speaks of it.
std::optional<posture::TerminalPosture> expected_posture(const Configuration& configuration) {
    const std::filesystem::path dmi = "/sys/class/dmi/id";
    const auto name = [&](const char* file) { return read_label(dmi / file, 128).value_or(""); };
    const auto loaded = posture::load_postures(configuration.firmware_configs);
    const auto* found = posture::choose(loaded.postures, {name("sys_vendor"), name("product_name"), name("bios_vendor")});
    return found == nullptr ? std::nullopt : found->terminal;
}

// What is expected of each model of camera; examples are none of them.
std::vector<posture::CameraPosture> expected_cameras(const Configuration& configuration) {
    std::vector<posture::CameraPosture> expected;
    for (const posture::Posture& one : posture::load_postures(configuration.firmware_configs).postures)
        if (one.camera && !one.example) expected.push_back(*one.camera);
    return expected;
}

// The one fact that two sensors share: who typed just now is not absent.
std::shared_ptr<InputActivity> input_activity() {
    static const auto activity = std::make_shared<InputActivity>();
    return activity;
}

std::unique_ptr<Sensor> make_identity(const Configuration& configuration) {
    IdentityOptions options;
    options.ori = configuration.ori;
    options.mnemonic_source = {configuration.clets_client.mnemonic_file, configuration.clets_client.mnemonic_pattern};
    options.agent_version = kAgentVersion;
    options.memory_file = beside_spool(configuration, "identity.memory");
    options.posture = expected_posture(configuration);
    return make_identity_sensor(options);
}

std::unique_ptr<Sensor> make_usb(const Configuration& configuration) {
    if (!configuration.usb.enforce) return make_usb_sensor();
    PolicyOptions policy;
    policy.terminal = configuration.terminal;
    policy.file = configuration.usb.policy;
    policy.memory_file = beside_spool(configuration, "usb-policy.seen");
    if (auto key = PublicKey::load_pem(configuration.collector_key)) policy.collector_key = *key;
    return make_enforcing_usb_sensor(policy);
}

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
    return make_session_sensor(SessionOptions{.lock_limit = configuration.lock_limit, .input = input_activity()});
}

std::unique_ptr<Sensor> make_camera(const Configuration& configuration) {
    CameraOptions options;
    options.enabled = configuration.sensors.on("camera", false);
    options.terminal = configuration.terminal;
    options.source = configuration.camera.source;
    options.enable_file = configuration.camera.enable_file.string();
    options.permit_file = configuration.camera.permit.string();
    options.seen_file = beside_spool(configuration, "camera.seen").string();
    options.scene_file = beside_spool(configuration, "camera.scene").string();
    options.input = input_activity();
    options.model = configuration.camera.model.string();
    options.program = configuration.camera.program.string();
    options.frames_per_second = configuration.camera.frames_per_second;
    options.expected = expected_cameras(configuration);
    if (auto key = PublicKey::load_pem(configuration.collector_key))
        options.collector_key = *key;
    return make_camera_sensor(options);
}

std::unique_ptr<HostWatch> watch_firmware(const Configuration& configuration) {
    return make_firmware_watch(
        {.memory_file = beside_spool(configuration, "firmware.memory"), .posture = expected_posture(configuration)});
}

std::unique_ptr<HostWatch> watch_logons(const Configuration& configuration) {
    return make_logon_watch({.memory_file = beside_spool(configuration, "logons.memory")});
}

std::unique_ptr<HostWatch> watch_clets_client(const Configuration& configuration) {
    const CletsClientConfiguration& client = configuration.clets_client;
    if (client.executable.empty()) return nullptr;
    return make_clets_client_watch({.executable = client.executable, .desktop_id = client.desktop_id});
}

constexpr SensorRow kCatalogue[] = {
    {"identity", true, make_identity, nullptr},
    {"usb", true, make_usb, nullptr},
    {"print", true, make_print, nullptr},
    {"session", true, make_session, nullptr},
    {"camera", false, make_camera, nullptr},  // off by default (policy-facts section 0, row 3)
    {"chassis", true, nullptr, [](const Configuration&) { return make_chassis_watch(); }},
    {"clets_client", true, nullptr, watch_clets_client},
    {"display", true, nullptr, [](const Configuration&) { return make_display_watch(); }},
    {"failed_logons", true, nullptr, watch_logons},
    {"firmware", true, nullptr, watch_firmware},
    {"lock_policy", true, nullptr, [](const Configuration&) { return make_settings_watch(); }},
    {"network", true, nullptr, [](const Configuration&) { return make_network_watch(); }},
    {"remote_view", true, nullptr, [](const Configuration&) { return make_capture_watch(); }},
};

}  // namespace

std::span<const SensorRow> sensor_catalogue() { return kCatalogue; }

std::vector<std::string_view> sensor_names() {
    std::vector<std::string_view> names;
    for (const SensorRow& row : kCatalogue)
        names.push_back(row.name);
    return names;
}

}  // namespace sallyport::agent
