// SPDX-License-Identifier: Apache-2.0
//
// The terminal's side of an enrolment over the network, and of a renewal. The key is made here and never leaves; the
// server is known by the authority's fingerprint in the token, and the token is told to no other.
// Contract: docs/formats/enrolment.md.
#pragma once

#include <chrono>
#include <functional>

#include "agent/configuration.hpp"
#include "agent/enrol/https_client.hpp"
#include "protocol/clock.hpp"
#include "protocol/enrolment_token.hpp"

namespace sallyport::agent {

struct Patience {
    std::chrono::seconds whole{0};   // how long to wait for the certificate; then it is fetched by another run
    std::chrono::seconds pause{5};   // between two looks
};
// A sentence for the person at the terminal.
using Tell = std::function<void(const std::string&)>;

// Makes the key where there is none, asks with the token, waits, and writes the certificate, the authority's certificate
// and the collector's key where the configuration says. Run again with the same token it goes on where it was.
// Errc::unavailable while nobody has approved; refused when somebody said no.
[[nodiscard]] Result<void> enrol_with_token(const Configuration& configuration, const EnrolmentToken& token,
                                            const ServerAddress& server, const Patience& patience, const Tell& tell);

// In the last third of its life. (The server says no in the first half.)
[[nodiscard]] bool renewal_is_due(WallTime not_before, WallTime not_after, WallTime now);
// Asks for another certificate of the same key and puts it in the place of the old one; a running agent takes it up.
[[nodiscard]] Result<void> renew(const Configuration& configuration, const ServerAddress& server, const Patience& patience,
                                 const Tell& tell);

}  // namespace sallyport::agent
