// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include <array>
#include <string>

#include "protocol/crypto_provider.hpp"

namespace sallyport {
namespace {

Error unavailable(std::string_view name) {
    std::array<char, 200> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    ERR_clear_error();
    return Error(Errc::unavailable, "crypto provider '" + std::string(name) + "' cannot be loaded: " + text.data());
}

}  // namespace

Result<void> use_crypto_provider(std::string_view name) {
    if (name == "default")
        return {};
    if (name != "fips")
        return Error(Errc::bad_input, "crypto provider '" + std::string(name) + "' is not known: default or fips");
    // `base` reads and writes key files; it has no algorithms.
    if (OSSL_PROVIDER_load(nullptr, "fips") == nullptr || OSSL_PROVIDER_load(nullptr, "base") == nullptr)
        return unavailable(name);
    if (EVP_default_properties_enable_fips(nullptr, 1) != 1)
        return unavailable(name);
    return {};
}

}  // namespace sallyport
