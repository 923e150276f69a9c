// SPDX-License-Identifier: Apache-2.0
//
// Files that are AES-256-GCM at rest (decision 21). A sealed file is, after the tag line and 32 bytes of salt, a sequence of
// pieces of 64 KiB of plaintext, each with its own 16-byte tag:
//
//     file key   HKDF-SHA-256 of the key, the salt and `sallyport/1/sealed`
//     nonce      3 bytes zero, piece's number (8 bytes big-endian, from 0), 1 for the last piece, else 0
//     AAD        the tag line and the salt
//
// so that a piece that is changed, moved, missing or more than there were does not open. Implemented over OpenSSL in
// openssl_sealed_file.cpp. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

#include "protocol/bytes.hpp"

namespace sallyport::backup {

using SealKey = std::array<std::uint8_t, 32>;

// 64 hex digits in a file that nobody else may read.
[[nodiscard]] Result<SealKey> load_seal_key(const std::filesystem::path& file);

// `to` must not be there; mode 0600, durable when it returns.
[[nodiscard]] Result<void> seal_file(const std::filesystem::path& from, const std::filesystem::path& to, const SealKey& key);
// Errc::corrupt when any byte is not as it was sealed, or sealed with another key; nothing is left at `to` then.
[[nodiscard]] Result<void> unseal_file(const std::filesystem::path& from, const std::filesystem::path& to, const SealKey& key);
// The digest of what unsealing would give, without writing it anywhere.
[[nodiscard]] Result<Digest> digest_of_sealed(const std::filesystem::path& from, const SealKey& key);

}  // namespace sallyport::backup
