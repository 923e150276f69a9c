// SPDX-License-Identifier: Apache-2.0
//
// The signed head of an evidence log: a checkpoint (c2sp.org/tlog-checkpoint) in a signed note (c2sp.org/signed-note).
//
//     sallyport/CA0190000/1                                 origin: `sallyport/`, the agency's ORI, the epoch
//     4711                                                  leaves
//     9Gq...=                                               root, base64
//     signed 2026-11-27T12:00:00.000Z                       when: a head that is old is an alarm, whatever its size
//
//     — sallyport/CA0190000/1 r3Qm...=                      key id (4 bytes) and signature, base64
//
// Signed is the text up to and with the line feed before the empty line: ECDSA P-256 with SHA-256, DER; type 0x02 of
// signed-note, whose key id is the beginning of SHA-256 over the key's SubjectPublicKeyInfo. Ed25519, which notes mostly
// use, is not among the approved algorithms here. The line with the time is an extension, which the format leaves to the
// log; ours always has it. A checkpoint may bear more signatures (a rotated key's, a witness's):
// those of unknown keys count for nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::evidence {

struct TreeHead {
    std::string origin;
    std::uint64_t size = 0;
    Digest root{};
    WallTime signed_at{};
    friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// The log of an agency; a new epoch begins where a restored store cannot go on with the old tree (system.md 9.6).
[[nodiscard]] std::string log_origin(std::string_view ori, std::uint64_t epoch);

[[nodiscard]] Result<std::string> sign_checkpoint(const TreeHead& head, const SigningKey& key);
// The same head, signed by one key more.
[[nodiscard]] Result<std::string> add_signature(std::string_view checkpoint, const SigningKey& key);

// What it says, unverified: for what only needs to be shown. Errc::bad_input with the line.
[[nodiscard]] Result<TreeHead> read_checkpoint(std::string_view checkpoint);
// What it says, if one of the keys signed it. Errc::bad_input: malformed; Errc::refused: signed by none of them, or a
// signature in the name of one of them is wrong.
[[nodiscard]] Result<TreeHead> open_checkpoint(std::string_view checkpoint, std::span<const PublicKey> keys);

}  // namespace sallyport::evidence
