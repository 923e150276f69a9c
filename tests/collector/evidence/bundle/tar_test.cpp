// SPDX-License-Identifier: Apache-2.0
//
// The container has one spelling, the one that the format's page describes, whatever libarchive of tomorrow thinks.
#include "collector/evidence/bundle/tar.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace sallyport::evidence {
namespace {

// As docs/formats/evidence-bundle.md has it.
std::string header_of_the_page(std::string_view name, std::size_t size) {
    std::string header(kTarBlock, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at)); };
    char digits[32];
    put(0, name);
    put(100, "000444 ");
    put(108, "000000 ");
    put(116, "000000 ");
    std::snprintf(digits, sizeof digits, "%011zo ", size);
    put(124, digits);
    put(136, "00000000000 ");
    put(148, "        ");
    put(156, "0");
    put(257, std::string_view("ustar\0" "00", 8));
    put(329, "000000 ");
    put(337, "000000 ");
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    std::snprintf(digits, sizeof digits, "%06o", sum);
    put(148, std::string(digits) + '\0' + ' ');
    return header;
}

TEST(Tar, GivenNameAndSizeThenTheHeaderIsThatOfTheFormatsPage) {
    for (const std::string& name : {std::string("MANIFEST.json"), "rules/" + std::string(64, 'a') + ".yml", std::string(100, 'n')})
        for (const std::size_t size : {std::size_t{0}, std::size_t{511}, std::size_t{512}, std::size_t{8'589'934'591}})
            EXPECT_EQ(*tar_header(name, size), header_of_the_page(name, size)) << name << " " << size;
}

TEST(Tar, GivenMembersThenTheFileIsHeadersContentsAndPaddingAndNothingElse) {
    const auto file = write_tar({{"a", "hello"}, {"b", std::string(512, 'x')}, {"c", ""}});
    ASSERT_TRUE(file);
    EXPECT_EQ(*file, header_of_the_page("a", 5) + "hello" + std::string(507, '\0') + header_of_the_page("b", 512) +
                         std::string(512, 'x') + header_of_the_page("c", 0) + std::string(kTarEnd, '\0'));
}

TEST(Tar, GivenWhatDoesNotFitTheFormatThenItIsRefused) {
    EXPECT_FALSE(tar_header("", 1));
    EXPECT_FALSE(tar_header(std::string(101, 'n'), 1));
    EXPECT_FALSE(tar_header("a", 8'589'934'592U));
}

}  // namespace
}  // namespace sallyport::evidence
