// SPDX-License-Identifier: Apache-2.0
//
// The signed paper without which no camera runs. It is issued only where the registers say that the room permits one,
// that notice was posted and that bargaining is on record (policy-facts section 0, row 3); it is carried to the terminal
// by hand, never sent.
#include "collector/ctl/camera_permit_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/terminal_paper.hpp"
#include "protocol/camera_permit.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string terminal;
    std::filesystem::path out, authority;
    int days = 7;
};

Result<CameraPermit> permit_for(Database& database, const Options& options, WallTime now) {
    auto terminal = registered(database, "terminals", options.terminal, now);
    if (!terminal)
        return terminal.error();
    auto room = registered(database, "rooms", text_of(*terminal, "room_id"), now);
    if (!room)
        return room.error();
    const auto refused = [&](std::string_view why) {
        return Error(Errc::refused, "camera of " + options.terminal + ": " + std::string(why));
    };
    if (!flag_of(*room, "camera_permitted"))
        return refused("its room does not permit one");
    if (!flag_of(*terminal, "camera_enabled"))
        return refused("it is not enabled in the register of terminals");
    if (text_of(*room, "notice_posted_on").empty())
        return refused("no notice is recorded as posted in its room");
    if (text_of(*terminal, "bargaining_ref").empty())
        return refused("no bargaining record is named");
    return CameraPermit{options.terminal, std::string(text_of(*terminal, "room_id")),
                        std::string(text_of(*room, "notice_posted_on")),
                        std::string(text_of(*terminal, "bargaining_ref")), now, now + std::chrono::days(options.days)};
}

Result<void> issue(Invocation& invocation, Database& database, const Options& options) {
    auto permit = permit_for(database, options, invocation.now());
    if (!permit)
        return permit.error();
    auto key = collector_signing_key(invocation, options.authority);
    if (!key)
        return key.error();
    auto text = encode_camera_permit(*permit, *key);
    if (!text)
        return text.error();
    const Record detail{{"room", permit->room}, {"expires_at", format_time(permit->expires_at)}};
    return hand_out(invocation, database, "terminal.permit_camera", options.terminal, detail, options.out, *text + "\n");
}

}  // namespace

void add_camera_permit_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* permit = app.get_subcommand("terminals")
                       ->add_subcommand("permit-camera", "Signs the permit without which a terminal's camera stays off");
    permit->add_option("ID", options->terminal, "The terminal")->required();
    permit->add_option("--out", options->out, "Where to write the permit")->required();
    permit->add_option("--days", options->days, "How long it lasts")->check(CLI::Range(1, 7))->capture_default_str();
    permit->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    permit->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return issue(invocation, database, *options); });
    });
}

}  // namespace sallyport::ctl
