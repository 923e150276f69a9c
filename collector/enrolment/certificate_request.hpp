// SPDX-License-Identifier: Apache-2.0
//
// A terminal's request for a certificate (PKCS#10, RFC 2986), as far as it is believed: its own key signed it. Implemented
// over OpenSSL in openssl_request.cpp, the only file of this room that includes it.
#pragma once

#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::enrolment {

struct RequestFacts {
    std::string common_name;
    std::string public_key;  // base64 SubjectPublicKeyInfo, P-256
};

// Errc::bad_input when it is no request in PEM; Errc::refused unless its key is P-256, signed it, and its subject is a
// common name and nothing else. Thread-safe.
[[nodiscard]] Result<RequestFacts> read_certificate_request(std::string_view pem);

}  // namespace sallyport::enrolment
