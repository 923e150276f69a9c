// SPDX-License-Identifier: Apache-2.0
//
// Own files by stat(2) and SHA-256, the tracer from /proc/self/status, the service by its cgroup and systemd's links: it is enabled
// while some target wants it and no link to /dev/null masks it.
#pragma once

#include <memory>

#include "agent/service/own_state.hpp"

namespace sallyport::agent {

[[nodiscard]] std::unique_ptr<OwnStateReader> make_linux_own_state(OwnFiles files, std::filesystem::path root = "/");

}  // namespace sallyport::agent
