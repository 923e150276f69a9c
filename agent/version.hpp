// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace sallyport::agent {

// As in the project line of CMakeLists.txt; every agent.start and heartbeat carries it.
inline constexpr std::string_view kAgentVersion = "0.1.0";

}  // namespace sallyport::agent
