// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/case_fold.hpp"

#include <gtest/gtest.h>
#include <wctype.h>

#include <clocale>
#include <set>

namespace sallyport::rules {
namespace {

std::string utf8(std::uint32_t code) {
    std::string text;
    if (code < 0x80) return {static_cast<char>(code)};
    if (code < 0x800) text += static_cast<char>(0xC0 | (code >> 6));
    if (code >= 0x800 && code < 0x10000) text += static_cast<char>(0xE0 | (code >> 12));
    if (code >= 0x10000) {
        text += static_cast<char>(0xF0 | (code >> 18));
        text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    }
    if (code >= 0x800) text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    return text + static_cast<char>(0x80 | (code & 0x3F));
}

TEST(CaseFold, GivenTextsOfManyScriptsThenCaseIsMadeAlike) {
    EXPECT_EQ(fold_case("ИВАНОВ Ёж"), "иванов ёж");
    EXPECT_EQ(fold_case("ΣΊΣΥΦΟΣ"), fold_case("σίσυφος"));
    EXPECT_EQ(fold_case("\u212A"), "k") << "the Kelvin sign is a k";
    EXPECT_EQ(fold_case("ȺA"), "ⱥa") << "a letter that grows";
    EXPECT_EQ(fold_case("\U00010400"), "\U00010428");
    EXPECT_EQ(fold_case("ՀԱՅ Ǆ ß İ"), "հայ ǆ ß İ") << "what folds only to more letters stays";
    EXPECT_EQ(fold_case(""), "");
    EXPECT_EQ(fold_case(std::string(40, 'Q') + "Z"), std::string(40, 'q') + "z");
    EXPECT_EQ(fold_case("\xFF\xC3 A\xE2\x82"), "\xFF\xC3 a\xE2\x82") << "no valid UTF-8 stays";
}

// The C library knows lower case of every letter: where it has one, folding must agree, but for letters whose
// fold is not their lower case.
TEST(CaseFold, GivenEveryLetterThenItFoldsAsTheCLibraryLowersIt) {
    const std::string before = std::setlocale(LC_CTYPE, nullptr);
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) GTEST_SKIP() << "SKIPPED: no C.UTF-8 locale";
    int letters = 0;
    for (std::uint32_t code = 0x80; code < 0x11000; ++code) {
        const auto lower = static_cast<std::uint32_t>(towlower(static_cast<wint_t>(code)));
        // Without simple folding: İ. Folded to small letters in Unicode, to capital ones by nobody: Cherokee.
        if (lower == code || code == 0x130 || (code >= 0x13A0 && code <= 0x13F5)) continue;
        EXPECT_EQ(fold_case(utf8(code)), utf8(lower)) << std::hex << code;
        ++letters;
    }
    EXPECT_GT(letters, 1000);
    std::setlocale(LC_CTYPE, before.c_str());
}

}  // namespace
}  // namespace sallyport::rules
