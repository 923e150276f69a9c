// SPDX-License-Identifier: Apache-2.0
//
// `sallyportctl evidence verify`: everything that a bundle says of the log is derived anew from the file and the collector's
// public key (several, where it was rotated). What no proof covers is a failure. The steps, for whoever writes a verifier of their own:
// docs/formats/evidence-bundle.md. Memory: views into the file, and what its batches and keys need. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/evidence/bundle/container_check.hpp"

namespace sallyport::evidence {

inline constexpr std::uint64_t kBundleBytesMax = 1024ULL * 1024 * 1024;  // neither made nor read beyond
inline constexpr std::size_t kBundleFaultsMax = 100;  // told one by one

struct BundleReport {
    std::optional<Manifest> manifest;  // once everything it names is as signed
    std::vector<BundleFault> faults;
    std::uint64_t faults_untold = 0;  // beyond kBundleFaultsMax
    std::uint64_t alerts = 0, batches = 0, heads = 0;
    std::map<std::string, std::uint64_t> withheld;  // reason -> lines

    [[nodiscard]] bool holds() const { return manifest.has_value() && faults.empty(); }
};

[[nodiscard]] BundleReport check_bundle(std::string_view file, std::span<const PublicKey> keys);

}  // namespace sallyport::evidence
