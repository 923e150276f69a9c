// SPDX-License-Identifier: Apache-2.0
//
// The one-time token with which a terminal asks for its first certificate, as a person carries it there:
//
//     {terminal}.{secret, 32 hex digits}.{SHA-256 of the authority's certificate, 64 hex digits}
//
// The secret lets the server know the terminal, the fingerprint lets the terminal know the server.
// Contract: docs/formats/enrolment.md.
#pragma once

#include <string>
#include <string_view>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace sallyport {

struct EnrolmentToken {
    std::string terminal;
    std::string secret;
    std::string authority_sha256;  // of the DER
};

[[nodiscard]] std::string to_string(const EnrolmentToken& token);
// White space around it is no part of it. The error never repeats what was given.
[[nodiscard]] Result<EnrolmentToken> parse_enrolment_token(std::string_view text);

}  // namespace sallyport
