// SPDX-License-Identifier: Apache-2.0
//
// Bytes as text and back: lower-case hex (digests, ids) and standard base64 (keys, signatures; RFC 4648 section 4).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;  // SHA-256

[[nodiscard]] inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

[[nodiscard]] std::string to_hex(ByteView bytes);
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);
// Exactly 64 lower-case hex digits.
[[nodiscard]] Result<Digest> digest_from_hex(std::string_view text);

[[nodiscard]] std::string to_base64(ByteView bytes);
// Canonical only: right padding, no stray bits, no white space; one key or signature has one spelling.
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

// Appends a field so that no two sequences of fields give the same bytes: 4-byte big-endian length, then the bytes.
void append_framed(Bytes& out, ByteView field);
void append_framed(Bytes& out, std::string_view field);
void append_framed(Bytes& out, std::uint64_t number);  // 8 bytes, big-endian, framed

}  // namespace sallyport
