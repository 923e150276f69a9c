// SPDX-License-Identifier: Apache-2.0
//
// The evidence bundle of an incident: one file that an expert verifies with nothing but the collector's public key, and
// that counsel can read. Format: docs/formats/evidence-bundle.md. The bundle is made in memory. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "collector/evidence/bundle/log_proofs.hpp"
#include "collector/evidence/bundle/manifest.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/value.hpp"

namespace sallyport::evidence {

struct BundleOrder {
    std::string incident_id;
    BundleForm form = BundleForm::redacted;
    std::string by, role, purpose;  // who exports it, and why
    WallTime now{};
    std::filesystem::path certificates = {};   // folder of <sha256>.crt; empty: none are put in
    std::vector<PublicKey> former_keys = {};    // the collector's, where its key was rotated
};

struct Bundle {
    Manifest manifest;
    std::string file;  // the bytes
    [[nodiscard]] Digest sha256() const;
};

// The store is read as it is; nothing is written. Errc::not_found: there is no such incident. Errc::corrupt: what it rests
// on is not in the log, or came without a signature,
// or what was made does not verify.
[[nodiscard]] Result<Bundle> make_bundle(Database& reader, const BundleOrder& order, LogProofs& log, const SigningKey& key);

// What an export leaves in the audit log: form, size, hash and counts of the file that was handed out.
[[nodiscard]] Record audit_detail(const Bundle& bundle);

}  // namespace sallyport::evidence
