// SPDX-License-Identifier: Apache-2.0
#include "protocol/chain.hpp"

namespace sallyport {

Digest leaf_of(std::string_view line) {
    static constexpr std::uint8_t kLeafPrefix[] = {0x00};
    return sha256(kLeafPrefix, bytes_of(line));
}

Digest chain_link(const Digest& head, const Digest& leaf) { return sha256(head, leaf); }

Digest chain_genesis(std::string_view terminal, std::string_view instance, const PublicKey& enrolled) {
    Bytes seed;
    append_framed(seed, "sallyport/1/chain");
    append_framed(seed, terminal);
    append_framed(seed, instance);
    append_framed(seed, enrolled.base64());
    return sha256(seed);
}

}  // namespace sallyport
