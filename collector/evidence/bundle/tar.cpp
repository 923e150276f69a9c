// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/tar.hpp"

#include <algorithm>

namespace sallyport::evidence {
namespace {

constexpr std::size_t kNameMax = 100;               // of the header's one field: no prefix, no extension
constexpr std::uint64_t kSizeMax = 8'589'934'591U;  // eleven octal digits
constexpr std::size_t kSumAt = 148;

std::string octal(std::uint64_t number, std::size_t digits) {
    std::string text(digits, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, number /= 8)
        *digit = static_cast<char>('0' + number % 8);
    return text;
}

}  // namespace

// The table of docs/formats/evidence-bundle.md. Not taken from libarchive, which writes it: so that one holds the other.
Result<std::string> tar_header(std::string_view name, std::uint64_t size) {
    if (name.empty() || name.size() > kNameMax || size > kSizeMax)
        return Error(Errc::exhausted, "a name of " + std::to_string(name.size()) + " and a content of " + std::to_string(size) +
                                          " bytes do not fit the format");
    std::string header(kTarBlock, '\0');
    const auto put = [&header](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
    put(0, name);
    put(100, "000444 ");
    put(108, "000000 ");
    put(116, "000000 ");
    put(124, octal(size, 11) + " ");
    put(136, octal(0, 11) + " ");
    put(kSumAt, "        ");
    put(156, "0");
    put(257, {"ustar\0" "00", 8});
    put(329, "000000 ");
    put(337, "000000 ");
    std::uint64_t sum = 0;
    for (const char byte : header)
        sum += static_cast<unsigned char>(byte);
    put(kSumAt, octal(sum, 6) + '\0' + ' ');
    return header;
}

}  // namespace sallyport::evidence
