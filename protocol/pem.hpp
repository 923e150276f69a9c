// SPDX-License-Identifier: Apache-2.0
//
// Certificates and keys in their PEM text (RFC 7468), as far as no library is needed for it.
#pragma once

#include <string>
#include <string_view>

#include "protocol/crypto.hpp"

namespace sallyport {

// SHA-256 of the first certificate of a PEM text, lower-case hex.
[[nodiscard]] Result<std::string> certificate_sha256(std::string_view pem);
// As `-----BEGIN PUBLIC KEY-----`, which PublicKey::load_pem reads.
[[nodiscard]] std::string public_key_pem(const PublicKey& key);

}  // namespace sallyport
