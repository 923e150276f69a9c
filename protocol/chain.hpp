// SPDX-License-Identifier: Apache-2.0
//
// The hash chain of one agent instance.
//
//     L(i) = SHA-256(0x00 || line bytes)      the leaf: also the leaf of the evidence log (RFC 6962 section 2.1)
//     h(i) = SHA-256(h(i-1) || L(i))          the head after line i
//     h(0) = SHA-256(tag, terminal, instance, enrolled key), each length-prefixed
//
// A withheld line is replaced by its leaf, so that numbering stays contiguous and everything still verifies.
#pragma once

#include <string_view>

#include "protocol/crypto.hpp"

namespace sallyport {

[[nodiscard]] Digest leaf_of(std::string_view line);
[[nodiscard]] Digest chain_link(const Digest& head, const Digest& leaf);
[[nodiscard]] Digest chain_genesis(std::string_view terminal, std::string_view instance, const PublicKey& enrolled);

}  // namespace sallyport
