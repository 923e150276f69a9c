// SPDX-License-Identifier: Apache-2.0
//
// The signed list by which a terminal that enforces lets a USB device in. The rules are USBGuard's and may come from
// anywhere, `media export --usbguard` among it; what no terminal can act on is refused by its line. The file is carried to
// the terminal by hand or by whatever manages it, never sent; a terminal takes no older one than it has seen.
#include "collector/ctl/usb_policy_command.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/terminal_paper.hpp"
#include "protocol/files.hpp"
#include "protocol/usbguard/signed_policy.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::string terminal;
    std::filesystem::path rules, out, authority;
    std::int64_t version = 0;
};

// Of the moment of signing, where none is given: it rises by itself.
std::int64_t version_of(const Options& options, WallTime now) {
    return options.version > 0 ? options.version
                               : std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

Result<void> issue(Invocation& invocation, Database& database, const Options& options) {
    const WallTime now = invocation.now();
    auto terminal = registered(database, "terminals", options.terminal, now);
    if (!terminal)
        return terminal.error();
    if (text_of(*terminal, "usb_policy") != "allowlist")
        return Error(Errc::refused,
                     "usb policy of " + options.terminal + ": its usb_policy in the register of terminals is not allowlist");
    auto rules = read_file(options.rules);
    if (!rules)
        return rules.error();
    auto key = collector_signing_key(invocation, options.authority);
    if (!key)
        return key.error();
    const std::int64_t version = version_of(options, now);
    auto text = usbguard::encode_policy(options.terminal, version, now, *rules, *key);
    if (!text)
        return text.error();
    const Record detail{{"version", version}, {"rules_sha256", usbguard::read_rule_set(*rules).sha256}};
    return hand_out(invocation, database, "terminal.permit_usb", options.terminal, detail, options.out, *text);
}

}  // namespace

void add_usb_policy_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* permit = app.get_subcommand("terminals")
                       ->add_subcommand("permit-usb", "Signs the rules by which a terminal that enforces lets USB devices in");
    permit->add_option("ID", options->terminal, "The terminal")->required();
    permit->add_option("--rules", options->rules, "The rules, in USBGuard's language")->required();
    permit->add_option("--out", options->out, "Where to write the signed list")->required();
    permit->add_option("--version", options->version, "Higher than the one before (default: the time in seconds)")
        ->check(CLI::PositiveNumber);
    permit->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    permit->callback([options, &invocation] {
        invocation.change_store([&](Database& database) { return issue(invocation, database, *options); });
    });
}

}  // namespace sallyport::ctl
