// SPDX-License-Identifier: Apache-2.0
//
// The bundle's container: a POSIX tar (ustar, IEEE 1003.1) with one spelling for one content. Names in order, mode 0444,
// owner 0, time 0, no padding beyond the format's own: who knows names and sizes knows every byte that is not content,
// so a reader has nothing to interpret. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::evidence {

struct Member {
    std::string name;  // at most 100 bytes
    std::string content;
};

inline constexpr std::size_t kTarBlock = 512;
inline constexpr std::size_t kTarEnd = 2 * kTarBlock;  // zeros

// What a member takes in the file after its header: whole blocks.
[[nodiscard]] constexpr std::uint64_t padded_size(std::uint64_t size) {
    return (size + kTarBlock - 1) / kTarBlock * kTarBlock;
}
// The one block that stands before that member.
[[nodiscard]] Result<std::string> tar_header(std::string_view name, std::uint64_t size);
// The members in the order given; by libarchive, in libarchive_tar.cpp.
[[nodiscard]] Result<std::string> write_tar(const std::vector<Member>& members);

}  // namespace sallyport::evidence
