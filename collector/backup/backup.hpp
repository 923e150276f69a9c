// SPDX-License-Identifier: Apache-2.0
//
// The store copied while the collector runs, and brought back. A backup is a folder:
//
//     store.sealed (or store.db)   the store as of one moment; sealed as in sealed_file.hpp
//     manifest.json                when, of which schema, how much, the digest of the store in clear; no names, no counts of
//                                  incidents or cases (decision 21)
//     manifest.sig                 the collector's signature over the manifest, base64
//
// Each backup is read back and compared before it counts as made. docs/formats/backup.md.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "collector/backup/sealed_file.hpp"
#include "collector/store/restored_mark.hpp"
#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::backup {

struct Manifest {
    WallTime made_at{};
    std::string ori, store_file;
    std::int64_t schema = 0, lines = 0;
    Digest store_sha256{};  // in clear
    Digest heads{};         // over every stream's instance, last seq and chain head, and the audit log's last hash
};

struct BackupJob {
    std::filesystem::path store, folder;  // `folder` must not be there
    std::string ori;
    std::optional<SealKey> key;  // nothing: in clear, for a file system that encrypts
    SigningKey signing_key;
    WallTime now{};
    std::function<void()> between;  // pieces of the copy
};
// On a failure nothing is left in `folder` that could be taken for a backup.
[[nodiscard]] Result<Manifest> make_backup(const BackupJob& job);

// Signature, digest, schema and content; Errc::corrupt names what does not fit. Leaves nothing in clear behind.
[[nodiscard]] Result<Manifest> check_backup(const std::filesystem::path& folder, const std::optional<SealKey>& key,
                                            const PublicKey& collector, const std::filesystem::path& scratch);

struct RestoreJob {
    std::filesystem::path folder, store;
    std::optional<SealKey> key;
    PublicKey collector;
    WallTime now{};
    std::optional<store::PublishedHead> published = {};  // the last head that a witness or the broker has
    bool replace = false;  // a store that is there is moved aside, never deleted; without it: Errc::conflict
};
struct Restored {
    Manifest manifest;
    std::optional<std::filesystem::path> moved_aside;
};
// No collector may run on that store (Errc::unavailable).
[[nodiscard]] Result<Restored> restore_backup(const RestoreJob& job);

}  // namespace sallyport::backup
