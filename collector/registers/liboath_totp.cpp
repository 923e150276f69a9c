// SPDX-License-Identifier: Apache-2.0
//
// The adapter for liboath. Its own validators take any length from 6 to 8 digits, and do not tell equal codes in
// constant time; so only its generator is used.
#include <liboath/oath.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "collector/registers/totp.hpp"

namespace sallyport::registers {
namespace {

constexpr unsigned kDigitsMax = 8;

bool start_library() {
    static const bool started = oath_init() == OATH_OK;
    return started;
}

// A name in a URI: what is not plain is escaped.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || c == '-' ||
            c == '.')
            out += c;
        else
            out.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
    return out;
}

}  // namespace

bool verify_hotp(ByteView secret, std::string_view code, std::uint64_t counter, unsigned digits) {
    if (!start_library() || secret.empty() || digits < kTotpDigits || digits > kDigitsMax || code.size() != digits)
        return false;
    std::array<char, kDigitsMax + 1> expected{};
    if (oath_hotp_generate(reinterpret_cast<const char*>(secret.data()), secret.size(), counter, digits, false,
                           OATH_HOTP_DYNAMIC_TRUNCATION, expected.data()) != OATH_OK)
        return false;
    return CRYPTO_memcmp(expected.data(), code.data(), digits) == 0;
}

std::optional<std::uint64_t> verify_totp(ByteView secret, std::string_view code, WallTime at, unsigned window,
                                         unsigned digits) {
    const auto since_1970 = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
    if (since_1970.count() < 0) return std::nullopt;
    const auto now = static_cast<std::uint64_t>(since_1970 / kTotpStep);
    std::optional<std::uint64_t> found;
    for (std::uint64_t step = now > window ? now - window : 0; step <= now + window; ++step)
        if (verify_hotp(secret, code, step, digits)) found = step;
    return found;
}

Result<std::string> totp_uri(ByteView secret, std::string_view issuer, std::string_view account) {
    char* text = nullptr;
    std::size_t size = 0;
    if (!start_library() ||
        oath_base32_encode(reinterpret_cast<const char*>(secret.data()), secret.size(), &text, &size) != OATH_OK)
        return Error(Errc::internal, "one-time codes: the secret cannot be written in base32");
    const std::unique_ptr<char, void (*)(void*)> owned(text, std::free);
    return "otpauth://totp/" + percent_encoded(issuer) + ":" + percent_encoded(account) +
           "?secret=" + std::string(text, size) + "&issuer=" + percent_encoded(issuer) +
           "&algorithm=SHA1&digits=" + std::to_string(kTotpDigits) + "&period=" + std::to_string(kTotpStep.count());
}

}  // namespace sallyport::registers
