// SPDX-License-Identifier: Apache-2.0
//
// What the commands that sign have in common: the authority's folder, how long a certificate lives, and the way of what
// changed to the broker.
#pragma once

#include <chrono>
#include <filesystem>

#include "collector/ctl/authority.hpp"
#include "collector/ctl/invocation.hpp"

namespace CLI {
class App;
class Option;
}

namespace sallyport::ctl {

// `given`: the authority's folder; empty: the configuration's.
[[nodiscard]] Result<Authority> open_authority(Invocation& invocation, const std::filesystem::path& given);
// --valid-for: 90d, 12h; 825 days at most.
CLI::Option* add_life_option(CLI::App& command, std::chrono::seconds& life);
// What was committed is brought to the broker: list of revoked certificates and access list. Nothing when the command failed.
void publish_if_done(Invocation& invocation, const std::filesystem::path& authority);

}  // namespace sallyport::ctl
