// SPDX-License-Identifier: Apache-2.0
//
// What a bundle is, and every member that it has, with size and SHA-256: one JSON object, signed by the collector. Of a
// bundle nothing is believed that the manifest does not cover. Format: docs/formats/evidence-bundle.md. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::evidence {

inline constexpr std::string_view kManifestName = "MANIFEST.json";
inline constexpr std::string_view kSignatureName = "MANIFEST.sig";
inline constexpr std::string_view kBundleFormat = "sallyport-evidence-bundle/1";
inline constexpr std::size_t kManifestBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kMembersMax = 10'000;

// full: every line that the store has. redacted: lines that name an account are withheld as well.
enum class BundleForm { full, redacted };
[[nodiscard]] std::string_view to_string(BundleForm form);

struct MemberDigest {
    std::string name;
    std::uint64_t size = 0;
    Digest sha256{};
};

struct Manifest {
    BundleForm form = BundleForm::full;
    std::string ori, incident_id, incident_number;
    std::string exported_by, exported_role, purpose;
    WallTime exported_at{};
    // The head of the evidence log that everything is proven against.
    std::string log_origin;
    std::uint64_t log_size = 0;
    Digest log_root{};
    std::uint64_t events = 0, withheld = 0;
    std::vector<MemberDigest> members;  // by name, without the manifest and its signature
};

// May stand in a bundle: the closed list of names in the format's page.
[[nodiscard]] bool is_member_name(std::string_view name);

[[nodiscard]] std::string encode_manifest(const Manifest& manifest);
// Errc::bad_input names the field; names that are not in order, twice or not known are refused.
[[nodiscard]] Result<Manifest> decode_manifest(std::string_view text);

// The content of MANIFEST.sig: base64 and a line feed.
[[nodiscard]] Result<std::string> sign_manifest(std::string_view manifest, const SigningKey& key);
// Errc::refused: signed by none of the keys.
[[nodiscard]] Result<void> verify_manifest(std::string_view manifest, std::string_view signature, std::span<const PublicKey> keys);

}  // namespace sallyport::evidence
