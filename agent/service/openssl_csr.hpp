// SPDX-License-Identifier: Apache-2.0
//
// A certificate request for the enrolled key: the only thing of it that leaves the terminal.
#pragma once

#include <filesystem>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::agent {

// Writes a PKCS#10 request (RFC 2986, PEM) signed by the key of `key_file` with this common name.
[[nodiscard]] Result<void> write_certificate_request(const std::filesystem::path& key_file, std::string_view common_name,
                                                     const std::filesystem::path& request_file);

}  // namespace sallyport::agent
