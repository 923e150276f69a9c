// SPDX-License-Identifier: Apache-2.0
//
// sallyportctl: the administrator's command. One call does one thing and ends with a code of system.md section 5.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "collector/ctl/account_command.hpp"
#include "collector/ctl/alert_command.hpp"
#include "collector/ctl/audit_pack_command.hpp"
#include "collector/ctl/backup_command.hpp"
#include "collector/ctl/broker_command.hpp"
#include "collector/ctl/ca_command.hpp"
#include "collector/ctl/camera_permit_command.hpp"
#include "collector/ctl/diff_command.hpp"
#include "collector/ctl/enrolment_command.hpp"
#include "collector/ctl/evidence_command.hpp"
#include "collector/ctl/drill_command.hpp"
#include "collector/ctl/firmware_config_command.hpp"
#include "collector/ctl/fsck_command.hpp"
#include "collector/ctl/hold_command.hpp"
#include "collector/ctl/register_command.hpp"
#include "collector/ctl/rehearse_command.hpp"
#include "collector/ctl/retention_command.hpp"
#include "collector/ctl/rule_state_command.hpp"
#include "collector/ctl/rules_command.hpp"
#include "collector/ctl/terminal_command.hpp"
#include "collector/ctl/usb_policy_command.hpp"
#include "collector/ctl/watch_command.hpp"
#include "protocol/adapters/linux_clock.hpp"

namespace {

using sallyport::ctl::ExitCode;

int run(int argc, char** argv) {
    const sallyport::LinuxClock clock;
    sallyport::ctl::Invocation invocation(clock);

    CLI::App app("Sallyport: registers, certificates, rules and accounts of an agency", "sallyportctl");
    app.require_subcommand(1);
    app.fallthrough();
    invocation.add_options(app);
    auto* rules = app.add_subcommand("rules", "The rules, and how they stand at each site")->require_subcommand(1);

    sallyport::ctl::add_ca_commands(app, invocation);
    sallyport::ctl::add_broker_commands(app, invocation);
    sallyport::ctl::add_register_commands(app, invocation);
    sallyport::ctl::add_terminal_commands(app, invocation);
    sallyport::ctl::add_enrolment_commands(app, invocation);
    sallyport::ctl::add_camera_permit_command(app, invocation);
    sallyport::ctl::add_firmware_config_commands(app, invocation);
    sallyport::ctl::add_usb_policy_command(app, invocation);
    sallyport::ctl::add_drill_command(app, invocation);
    sallyport::ctl::add_rule_state_commands(*rules, invocation);
    sallyport::ctl::add_rehearse_command(*rules, invocation, clock);
    sallyport::ctl::add_diff_command(*rules, invocation, clock);
    sallyport::ctl::add_rules_command(*rules, invocation);
    sallyport::ctl::add_account_commands(app, invocation);
    sallyport::ctl::add_alert_commands(app, invocation);
    sallyport::ctl::add_retention_commands(app, invocation, clock);
    sallyport::ctl::add_hold_commands(app, invocation);
    sallyport::ctl::add_backup_commands(app, invocation);
    sallyport::ctl::add_audit_pack_command(app, invocation);
    sallyport::ctl::add_watch_command(app, invocation, clock);
    sallyport::ctl::add_evidence_commands(app, invocation);
    sallyport::ctl::add_fsck_command(app, invocation);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const bool is_help = error.get_exit_code() == 0;
        app.exit(error);
        return static_cast<int>(is_help ? ExitCode::done : ExitCode::call_wrong);
    }
    return static_cast<int>(invocation.exit_code());
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "sallyportctl: " << error.what() << '\n';
        return static_cast<int>(ExitCode::environment_failed);
    }
}
