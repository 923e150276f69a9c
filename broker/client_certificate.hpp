// SPDX-License-Identifier: Apache-2.0
//
// What the guard has to know of a certificate, and the authority's list of those it has revoked (RFC 5280 section 5).
// Implemented over OpenSSL in openssl_certificates.cpp, the only file of this room that includes it. One thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::broker {

struct ClientCertificate {
    std::string serial;  // its big-endian bytes
    WallTime not_after{};
};

// `x509`: an OpenSSL X509, which stays the caller's.
[[nodiscard]] ClientCertificate describe_certificate(const void* x509);

// Serial numbers of a list in PEM. The broker itself checks the list's signature when it reads it.
[[nodiscard]] Result<std::set<std::string>> read_revoked_serials(const std::filesystem::path& list);

}  // namespace sallyport::broker
