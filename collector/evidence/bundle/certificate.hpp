// SPDX-License-Identifier: Apache-2.0
//
// What a bundle needs of an X.509 certificate: which one it is, and whose key it is of. Over OpenSSL, in
// openssl_certificate.cpp. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "protocol/bytes.hpp"

namespace sallyport::evidence {

struct Certificate {
    Digest sha256{};         // of the DER
    std::string public_key;  // base64 SubjectPublicKeyInfo
};

// One certificate in PEM, and nothing behind it.
[[nodiscard]] Result<Certificate> read_certificate(std::string_view pem);

}  // namespace sallyport::evidence
