// SPDX-License-Identifier: Apache-2.0
//
// The signed paper without which no camera runs. It is issued only where the registers say that the room permits one,
// that notice was posted and that bargaining is on record (policy-facts section 0, row 3); it is carried to the terminal
// by hand, never sent.
#include "collector/ctl/camera_permit_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/camera_permit.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string terminal;
    std::filesystem::path out, authority;
    int days = 7;
};

Result<Record> current(Database& database, std::string_view register_name, std::string_view id, WallTime now) {
    auto entry = store::find_entry(database, register_name, id, now, now);
    if (!entry)
        return entry.error();
    if (!*entry)
        return Error(Errc::not_found, std::string(register_name) + ": " + std::string(id) + " is not in the register");
    return std::move((*entry)->data);
}

Result<CameraPermit> permit_for(Database& database, const Options& options, WallTime now) {
    auto terminal = current(database, "terminals", options.terminal, now);
    if (!terminal)
        return terminal.error();
    auto room = current(database, "rooms", text_of(*terminal, "room_id"), now);
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
    auto folder = invocation.authority_folder(options.authority);
    if (!folder)
        return folder.error();
    auto key = SigningKey::load_pem(*folder / "collector-signing.key");
    if (!key)
        return key.error();
    auto text = encode_camera_permit(*permit, *key);
    if (!text)
        return text.error();
    store::AuditEntry entry;
    entry.actor = invocation.actor();
    entry.actor_role = "administrator";
    entry.action = "terminal.permit_camera";
    entry.object_type = "terminals";
    entry.object_id = options.terminal;
    entry.detail = write_json(Record{{"room", permit->room}, {"expires_at", format_time(permit->expires_at)}});
    if (auto logged = store::append_audit(database, entry, invocation.now()); !logged)
        return logged;
    return replace_file(options.out, *text + "\n", Secrecy::open);
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
