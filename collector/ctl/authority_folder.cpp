// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/authority_folder.hpp"

#include <CLI/CLI.hpp>

#include "collector/ctl/revocation.hpp"

namespace sallyport::ctl {

Result<Authority> open_authority(Invocation& invocation, const std::filesystem::path& given) {
    auto folder = invocation.authority_folder(given);
    if (!folder)
        return folder.error();
    return Authority::open(*folder);
}

CLI::Option* add_life_option(CLI::App& command, std::chrono::seconds& life) {
    const std::map<std::string, std::int64_t> units = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    const auto most = std::chrono::seconds(kIdentityLife).count();
    return command
        .add_option_function<std::int64_t>(
            "--valid-for", [&life](std::int64_t seconds) { life = std::chrono::seconds(seconds); },
            "How long the certificate is good: 90d, 12h (default and most: 825d)")
        ->check(CLI::Range(std::int64_t{1}, most))
        ->transform(CLI::AsNumberWithUnit(units));
}

void publish_if_done(Invocation& invocation, const std::filesystem::path& authority_folder) {
    if (invocation.exit_code() != ExitCode::done)
        return;
    invocation.read_store([&](Database& database) -> Result<void> {
        auto authority = open_authority(invocation, authority_folder);
        return authority ? publish_revocations(database, *authority, invocation.now()) : authority.error();
    });
}

}  // namespace sallyport::ctl
