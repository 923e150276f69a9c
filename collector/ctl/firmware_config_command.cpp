// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/firmware_config_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/registers/terminal_proposal.hpp"
#include "collector/store/event_log.hpp"
#include "posture/posture.hpp"

namespace sallyport::ctl {
namespace {

constexpr std::size_t kAttachesRead = 1000;

struct Options {
    std::vector<std::filesystem::path> paths;
    std::string terminal;
};

Result<void> check(Invocation& invocation, const Options& options) {
    std::size_t understood = 0, faults = 0;
    for (const auto& path : options.paths) {
        const auto loaded = posture::load_postures(path);
        for (const std::string& fault : loaded.faults)
            std::cout << fault << '\n';
        understood += loaded.postures.size();
        faults += loaded.faults.size();
    }
    std::cout << understood << " firmware-configs understood, " << faults << " faults\n";
    if (faults > 0)
        invocation.end_with(ExitCode::checked_wrong);
    return {};
}

// Devices that sat inside when the agent last started, the latest of each port.
Result<std::vector<posture::FixedDevice>> fixed_devices(Database& database, const std::string& terminal) {
    auto stored = store::read_terminal_events_of(database, terminal, "usb.attach", kAttachesRead);
    if (!stored)
        return stored.error();
    std::map<std::string, posture::FixedDevice> devices;
    for (const store::StoredEvent& one : *stored) {
        if (!one.line)
            continue;
        auto decoded = decode_event(*one.line);
        const auto* event = std::get_if<Event>(&decoded);
        if (event == nullptr || flag_of(event->body, "external", true))
            continue;
        const std::string port(text_of(event->body, "port"));
        devices.try_emplace(port, posture::FixedDevice{port, std::string(text_of(event->body, "vid")),
                                                       std::string(text_of(event->body, "pid")), {}});
    }
    std::vector<posture::FixedDevice> list;
    for (auto& [port, device] : devices)
        list.push_back(std::move(device));
    return list;
}

Result<posture::Posture> posture_of(Database& database, const std::string& terminal) {
    auto reports = registers::read_reports(database, terminal);
    if (!reports)
        return reports.error();
    const Record& identity = reports->identity.body;
    const std::string manufacturer(text_of(identity, "manufacturer")), model(text_of(identity, "model"));
    if (manufacturer.empty() || model.empty())
        return Error(Errc::refused, "terminal " + terminal + " did not say its manufacturer and model");
    posture::TerminalPosture found;
    found.manufacturer = {manufacturer};
    found.model = {model};
    for (const Record& report : reports->firmware)
        found.firmware[std::string(text_of(report, "component"))].emplace_back(text_of(report, "version"));
    if (identity.contains("tpm_present"))
        found.tpm = flag_of(identity, "tpm_present");
    if (reports->boot) {
        const auto secure = text_of(reports->boot->body, "secure_boot"), source = text_of(reports->boot->body, "boot_source");
        if (secure != "unknown")
            found.secure_boot = secure == "on";
        if (source != "unknown")
            found.boot_sources = {std::string(source)};
    }
    auto devices = fixed_devices(database, terminal);
    if (!devices)
        return devices.error();
    found.fixed_usb = std::move(*devices);
    return posture::Posture{.name = terminal, .example = false, .terminal = std::move(found), .camera = {}};
}

}  // namespace

void add_firmware_config_commands(CLI::App& app, Invocation& invocation) {
    auto* command = app.add_subcommand("firmware-config", "What is expected of each model of terminal and camera")
                        ->require_subcommand(1);
    auto options = std::make_shared<Options>();

    auto* look = command->add_subcommand("check", "Says what is wrong in files of firmware-configs/");
    look->add_option("PATH", options->paths, "Files or folders")->required()->check(CLI::ExistingPath);
    look->callback([options, &invocation] { invocation.run([&] { return check(invocation, *options); }); });

    auto* make = command->add_subcommand("from-terminal", "Prints the file for a terminal's model, from what it reported last");
    make->add_option("ID", options->terminal, "The terminal, enrolled and heard of")->required();
    make->callback([options, &invocation] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto found = posture_of(database, options->terminal);
            if (!found)
                return found.error();
            std::cout << posture::write_posture(*found);
            return {};
        });
    });
}

}  // namespace sallyport::ctl
