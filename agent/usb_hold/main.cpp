// SPDX-License-Identifier: Apache-2.0
//
// sallyport-usb-hold: run as root by systemd before an enforcing agent and after it, and by udev (held_bus.hpp). It does nothing where
// the configuration does not enforce; it releases whatever the configuration says, or does not say any more.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "agent/configuration.hpp"
#include "agent/usb_hold/held_bus.hpp"
#include "agent/version.hpp"

namespace sallyport::agent {
namespace {

enum ExitCode { kDone = 0, kCheckedThingWrong = 1, kCallWrong = 2, kEnvironmentFailed = 3 };

int failed(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message().c_str());
    return kEnvironmentFailed;
}

int hold_if_enforced(const std::filesystem::path& configuration, const HeldBusPaths& paths) {
    const auto loaded = load_configuration(configuration, std::nullopt);
    for (const std::string& fault : loaded.faults)
        std::fprintf(stderr, "%s\n", fault.c_str());
    if (!loaded.configuration) return kCheckedThingWrong;
    if (!loaded.configuration->usb.enforce) return kDone;
    auto held = hold(paths);
    return held ? kDone : failed(held.error());
}

int print_freed(const Result<std::vector<std::string>>& freed) {
    if (!freed) return failed(freed.error());
    for (const std::string& port : *freed)
        std::printf("freed the input device at port %s\n", port.c_str());
    return kDone;
}

int run(int argc, char** argv) {
    CLI::App program("Holds USB devices for an agent that enforces, and lets them go when it is gone.", "sallyport-usb-hold");
    program.set_version_flag("--version", std::string(kAgentVersion));
    program.require_subcommand(1);
    std::filesystem::path configuration;
    HeldBusPaths paths;
    program.add_option("--devices", paths.devices, "sysfs's folder of USB devices")->capture_default_str();
    program.add_option("--memory", paths.memory, "where to keep what was set before")->capture_default_str();
    auto* hold_command = program.add_subcommand("hold", "Holds what is plugged from now on, if the agent enforces");
    hold_command->add_option("--config", configuration, "the agent's configuration, agent.yml")->required();
    auto* release_command =
        program.add_subcommand("release", "Lets devices in again and frees held keyboards and mice, never composites");
    program.add_subcommand("late", "Frees keyboards and mice that were being recognised during a release; for udev");
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kDone : kCallWrong;
    }
    if (hold_command->parsed()) return hold_if_enforced(configuration, paths);
    return print_freed(release_command->parsed() ? release(paths) : free_late(paths));
}

}  // namespace
}  // namespace sallyport::agent

int main(int argc, char** argv) {
    try {
        return sallyport::agent::run(argc, argv);
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "sallyport-usb-hold: %s\n", exception.what());
        return sallyport::agent::kEnvironmentFailed;
    }
}
