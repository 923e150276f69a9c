// SPDX-License-Identifier: Apache-2.0
//
// The few primitives Sallyport stands on: SHA-256, ECDSA P-256 with SHA-256, random bytes. All of them approved in
// every FIPS module (docs/decisions/0006). Implemented over OpenSSL in protocol/adapters/openssl_crypto.cpp.
#pragma once

#include <filesystem>
#include <memory>

#include "protocol/bytes.hpp"

namespace sallyport {

// Thread-safe. Several parts are hashed as if they were one text.
[[nodiscard]] Digest sha256(ByteView bytes);
[[nodiscard]] Digest sha256(ByteView first, ByteView second);

// From the operating system's generator; a failure of it ends the process, as nothing signed could be trusted.
[[nodiscard]] Bytes random_bytes(std::size_t count);
// 32 lower-case hex digits: instances, boots, nonces.
[[nodiscard]] std::string random_id();

// The public half of a signing key: P-256, carried as base64 of its SubjectPublicKeyInfo (RFC 5480).
class PublicKey {
public:
    [[nodiscard]] static Result<PublicKey> from_base64(std::string_view spki);
    // The first certificate or public key of a PEM file.
    [[nodiscard]] static Result<PublicKey> load_pem(const std::filesystem::path& file);

    [[nodiscard]] const std::string& base64() const { return base64_; }
    [[nodiscard]] Digest fingerprint() const;
    // True only for a DER signature of exactly these bytes. Thread-safe.
    [[nodiscard]] bool verify(ByteView message, ByteView signature) const;

private:
    friend class SigningKey;
    PublicKey(std::shared_ptr<void> handle, std::string base64);
    std::shared_ptr<void> handle_;
    std::string base64_;
};

class SigningKey {
public:
    [[nodiscard]] static Result<SigningKey> generate();
    // An unencrypted PKCS#8 or SEC1 PEM file; refused when others than its owner may read it.
    [[nodiscard]] static Result<SigningKey> load_pem(const std::filesystem::path& file);
    // Mode 0600, durable before it returns; an existing file is not replaced.
    [[nodiscard]] Result<void> save_pem(const std::filesystem::path& file) const;

    [[nodiscard]] PublicKey public_key() const;
    // DER; about 22 us. Thread-safe.
    [[nodiscard]] Result<Bytes> sign(ByteView message) const;

private:
    explicit SigningKey(std::shared_ptr<void> handle);
    std::shared_ptr<void> handle_;
};

}  // namespace sallyport
