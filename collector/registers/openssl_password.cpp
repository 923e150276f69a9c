// SPDX-License-Identifier: Apache-2.0
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "collector/registers/password.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::registers {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::int64_t kRoundsMax = 10'000'000;

// Empty when OpenSSL fails: then nothing matches.
Bytes derive(std::string_view password, ByteView salt, std::int64_t rounds) {
    Bytes hash(kHashBytes);
    const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                                       static_cast<int>(salt.size()), static_cast<int>(rounds), EVP_sha256(),
                                       static_cast<int>(hash.size()), hash.data());
    return done == 1 ? hash : Bytes();
}

}  // namespace

Result<PasswordHash> hash_password(std::string_view password) {
    if (password.size() < kPasswordLengthMin || password.size() > kPasswordLengthMax)
        return Error(Errc::bad_input, "password: must have " + std::to_string(kPasswordLengthMin) + " to " +
                                          std::to_string(kPasswordLengthMax) + " bytes");
    PasswordHash result;
    result.salt = random_bytes(kSaltBytes);
    result.hash = derive(password, result.salt, result.rounds);
    if (result.hash.empty())
        return Error(Errc::internal, "password: OpenSSL offers no PBKDF2");
    return result;
}

bool verify_password(std::string_view password, ByteView salt, std::int64_t rounds, ByteView hash) {
    if (hash.size() != kHashBytes || rounds < 1 || rounds > kRoundsMax || password.size() > kPasswordLengthMax)
        return false;
    const Bytes derived = derive(password, salt, rounds);
    return derived.size() == kHashBytes && CRYPTO_memcmp(derived.data(), hash.data(), kHashBytes) == 0;
}

}  // namespace sallyport::registers
