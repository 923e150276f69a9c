// SPDX-License-Identifier: Apache-2.0
//
// Sallyport's own certificate authority: P-256 throughout, a folder of PEM files. Implemented over OpenSSL in
// openssl_authority.cpp, the only file here that includes it. One thread.
//
//     ca.crt, ca.key             the authority; the key never leaves this folder
//     <name>.crt, <name>.key     certificates made here, for the server's own programs
//     issued/<sha256>.crt        every certificate ever signed: what a revocation needs to find the serial number
//     crl.pem                    what is revoked
//     probes/                    certificates that a broker must turn away, or give no right
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::ctl {

enum class Purpose { server, client };

// Of every certificate that is not the authority's own, unless a shorter one is asked for.
inline constexpr std::chrono::days kIdentityLife{825};

struct IssuedCertificate {
    std::string pem;
    std::string sha256;      // of the DER, lower-case hex
    std::string public_key;  // base64 SubjectPublicKeyInfo
    WallTime not_after{};
};

struct Revocation {
    std::string sha256;
    WallTime at{};
};

class Authority {
public:
    // Errc::conflict when the folder already has one: a second authority would orphan every certificate of the first.
    [[nodiscard]] static Result<Authority> create(const std::filesystem::path& folder, WallTime now);
    [[nodiscard]] static Result<Authority> open(const std::filesystem::path& folder);

    // Makes a key and its certificate as <name>.key (0600) and <name>.crt, with CN = name.
    [[nodiscard]] Result<void> make_identity(std::string_view name, Purpose purpose,
                                             const std::vector<std::string>& hosts, WallTime now) const;
    // Signs a terminal's request; the key stays on the terminal. Errc::refused unless the request is signed by its own
    // P-256 key and its subject is exactly CN = name.
    [[nodiscard]] Result<IssuedCertificate> sign_request(std::string_view request_pem, std::string_view name, WallTime now,
                                                         std::chrono::seconds life = kIdentityLife) const;
    // Certificates with which the collector tries its broker, into probes/: rightless, revoked, expired, and foreign, which
    // another authority signed. Their keys open nothing. `rightless` is good for ten years.
    [[nodiscard]] Result<void> make_probes(WallTime now) const;
    // Writes crl.pem anew; the probe `revoked` is always on it.
    [[nodiscard]] Result<void> write_revocations(const std::vector<Revocation>& revoked, WallTime now) const;

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

private:
    struct Keys;
    [[nodiscard]] Result<void> make_probe(const Keys& signer, std::string_view name, WallTime now, WallTime until) const;
    Authority(std::filesystem::path folder, std::shared_ptr<const Keys> keys);
    std::filesystem::path folder_;
    std::shared_ptr<const Keys> keys_;
};

}  // namespace sallyport::ctl
