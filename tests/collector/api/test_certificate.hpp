// SPDX-License-Identifier: Apache-2.0
//
// A self-signed P-256 certificate for 127.0.0.1, made anew for each run.
#pragma once

#include <filesystem>

namespace sallyport::testing {

struct TestCertificate {
    std::filesystem::path certificate, key;
};

// Writes server.crt and server.key into the folder.
TestCertificate make_certificate(const std::filesystem::path& folder);

}  // namespace sallyport::testing
