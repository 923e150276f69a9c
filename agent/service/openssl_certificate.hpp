// SPDX-License-Identifier: Apache-2.0
//
// From when to when a certificate is good, and whose key it names.
#pragma once

#include <filesystem>
#include <string>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

struct CertificateLife {
    WallTime not_before{}, not_after{};
};

// Of the first certificate of a PEM file.
[[nodiscard]] Result<CertificateLife> certificate_life(const std::filesystem::path& file);

}  // namespace sallyport::agent
