// SPDX-License-Identifier: Apache-2.0
//
// The message on `.../events`: a header line, then one event (or tombstone) a line. Format: docs/formats/uplink.md.
//
// The signature covers a domain tag, terminal, instance, last seq and head; since the head covers every line before
// it, one signature vouches for the whole chain so far. The signing key is made at agent start and certified by the
// terminal's enrolled key; its certificate travels in every header, so that a backlog written by an earlier run can
// be sent, and believed, under the key of this one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/chain.hpp"
#include "protocol/crypto.hpp"
#include "protocol/result.hpp"

namespace sallyport {

inline constexpr std::size_t kBatchBytesMax = 256 * 1024;
inline constexpr std::size_t kBatchLinesMax = 500;

// A key made at agent start, with the enrolled key's signature over it.
struct BatchKeyCertificate {
    std::string key;        // base64 SubjectPublicKeyInfo
    std::string signature;  // base64 DER, by the enrolled key

    [[nodiscard]] static Result<BatchKeyCertificate> issue(const SigningKey& enrolled, std::string_view terminal,
                                                           std::string_view instance, const PublicKey& batch_key);
    // The certified key, or refused.
    [[nodiscard]] Result<PublicKey> check(const PublicKey& enrolled, std::string_view terminal,
                                          std::string_view instance) const;
};

struct BatchHeader {
    std::string terminal;
    std::string instance;
    std::uint64_t first_seq = 0;
    std::uint64_t count = 0;
    Digest previous{};  // head before the first line; the genesis before seq 1
    Digest head{};      // head after the last line
    BatchKeyCertificate signer;
    std::string signature;  // base64 DER, by the batch key

    [[nodiscard]] std::uint64_t last_seq() const { return first_seq + count - 1; }
};

// Stands in the place of a line that is withheld; keeps nothing of its content.
struct Tombstone {
    std::uint64_t seq = 0;
    std::string type;    // the event type it had
    Digest leaf{};
    std::string reason;  // `evicted`, `expired`, `redacted`, `rejected`
};

struct Batch {
    BatchHeader header;
    std::string header_line;         // as it came: headers are stored too
    std::vector<std::string> lines;  // as they came, without the line feed
};

// Leaf of a line of a batch, or of what a tombstone stands for.
[[nodiscard]] Result<Digest> line_leaf(std::string_view line);
[[nodiscard]] std::string encode_tombstone(const Tombstone& tombstone);
// Nothing when the line is no tombstone (then it is an event, or malformed).
[[nodiscard]] std::optional<Tombstone> decode_tombstone(std::string_view line);

// Fills in head, signer and signature of `header` (terminal, instance, first_seq and previous are given) and returns
// the message.
[[nodiscard]] Result<std::string> encode_batch(BatchHeader header, const std::vector<std::string>& lines,
                                               const SigningKey& batch_key, const BatchKeyCertificate& certificate);

// A header line alone, as the store keeps it; the message names the faulty field.
[[nodiscard]] Result<BatchHeader> decode_batch_header(std::string_view line);
// Splits a message and parses its header. Sizes and counts are bounded; nothing is verified yet.
[[nodiscard]] Result<Batch> decode_batch(std::string_view message);

// Checks the signature over the header's own claim (terminal, instance, last seq, head).
[[nodiscard]] Result<void> verify_signature(const BatchHeader& header, const PublicKey& batch_key);
// Checks that the lines lead from `previous` to `head`, and returns their leaves.
[[nodiscard]] Result<std::vector<Digest>> verify_chain(const Batch& batch);

}  // namespace sallyport
