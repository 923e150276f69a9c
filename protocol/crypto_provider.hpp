// SPDX-License-Identifier: Apache-2.0
//
// Which provider of OpenSSL does the cryptography of this process. To be said once, before anything else is asked of it.
#pragma once

#include <string_view>

#include "protocol/result.hpp"

namespace sallyport {

// `default`, or `fips`: then OpenSSL's FIPS module does all of it, and what it does not approve fails. Errc::unavailable,
// with OpenSSL's reason, when the module is not there or fails its self-test; a caller must not go on without.
[[nodiscard]] Result<void> use_crypto_provider(std::string_view name);

}  // namespace sallyport
