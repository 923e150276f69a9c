// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/ca_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/authority_folder.hpp"
#include "collector/ctl/revocation.hpp"
#include "protocol/files.hpp"
#include "protocol/pem.hpp"

namespace sallyport::ctl {
namespace {

Result<void> make_signing_key(const std::filesystem::path& folder) {
    auto key = SigningKey::generate();
    if (!key)
        return key.error();
    if (auto done = key->save_pem(folder / "collector-signing.key"); !done)
        return done;
    // Readable by agents, which check the collector's acknowledgements with it.
    return replace_file(folder / "collector-signing.pub", public_key_pem(key->public_key()), Secrecy::open);
}

Result<void> initialise(const std::filesystem::path& folder, std::vector<std::string> hosts, WallTime now) {
    hosts.insert(hosts.begin(), {"localhost", "127.0.0.1"});
    auto authority = Authority::create(folder, now);
    if (!authority)
        return authority.error();
    for (const auto* name : {"broker", "server"})
        if (auto done = authority->make_identity(name, Purpose::server, hosts, now); !done)
            return done;
    for (const auto* name : {"collector-receive", "collector-send", "watch"})
        if (auto done = authority->make_identity(name, Purpose::client, {}, now); !done)
            return done;
    if (auto done = authority->make_probes(now); !done)
        return done;
    if (auto done = authority->write_revocations({}, now); !done)
        return done;
    return make_signing_key(folder);
}

}  // namespace

void add_ca_commands(CLI::App& app, Invocation& invocation) {
    auto* ca = app.add_subcommand("ca", "The agency's own certificate authority (P-256)")->require_subcommand(1);

    struct Options {
        std::filesystem::path folder;
        std::vector<std::string> hosts;
    };
    auto options = std::make_shared<Options>();
    auto* init = ca->add_subcommand("init", "Makes the authority, the server's certificates and the collector's signing key");
    init->add_option("--dir", options->folder, "Folder to make it in; keep it safe and backed up")->required();
    init->add_option("--host", options->hosts, "Further names or addresses of the server, beside localhost");
    init->callback([options, &invocation] {
        invocation.run([&]() -> Result<void> {
            if (auto done = initialise(options->folder, options->hosts, invocation.now()); !done)
                return done;
            std::cout << "authority, certificates (broker, server, collector-receive, collector-send, watch) and signing key: "
                      << options->folder.string() << '\n';
            return {};
        });
    });

    auto* probes = ca->add_subcommand("probes", "Makes the certificates anew with which the collector tries its broker");
    probes->add_option("--dir,--ca", options->folder, "The authority's folder (default: from the configuration)");
    probes->callback([options, &invocation] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto authority = open_authority(invocation, options->folder);
            if (!authority)
                return authority.error();
            if (auto done = authority->make_probes(invocation.now()); !done)
                return done;
            return publish_revocations(database, *authority, invocation.now());
        });
    });

    auto* crl = ca->add_subcommand("crl", "Writes the list of revoked certificates anew (it is good for a year)");
    crl->add_option("--dir,--ca", options->folder, "The authority's folder (default: from the configuration)");
    crl->callback([options, &invocation] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto authority = open_authority(invocation, options->folder);
            if (!authority)
                return authority.error();
            return publish_revocations(database, *authority, invocation.now());
        });
    });
}

}  // namespace sallyport::ctl
