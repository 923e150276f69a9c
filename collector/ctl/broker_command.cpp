// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/broker_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/broker_configuration.hpp"
#include "collector/ctl/posix_process.hpp"

namespace sallyport::ctl {

void add_broker_commands(CLI::App& app, Invocation& invocation) {
    auto* broker = app.add_subcommand("broker", "The MQTT broker, mosquitto")->require_subcommand(1);

    auto options = std::make_shared<BrokerOptions>();
    auto* config = broker->add_subcommand(
        "config", "Writes mosquitto.conf and the access list from the register of terminals; a running broker rereads them");
    config->add_option("--dir", options->directory, "Folder for the broker's files")->required();
    config->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    config->add_option("--port", options->port, "Port to listen on")->check(CLI::Range(1, 65535))->capture_default_str();
    config->add_option("--address", options->address, "Address to listen on")->capture_default_str();
    config->add_option("--user", options->user, "What mosquitto becomes when root starts it (default: the calling user)");
    options->guard = program_folder() / "../lib/sallyport/sallyport-broker-guard.so";
    config->add_option("--guard", options->guard, "Our plugin of the broker, where it is not installed as packaged");
    config->callback([options, &invocation] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto authority = invocation.authority_folder(options->authority);
            if (!authority)
                return authority.error();
            options->authority = *authority;
            if (options->user.empty())
                options->user = user_name();
            if (auto done = write_broker_configuration(database, *options, invocation.now()); !done)
                return done;
            std::cout << (options->directory / "mosquitto.conf").string() << '\n';
            return {};
        });
    });
}

}  // namespace sallyport::ctl
