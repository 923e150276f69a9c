// SPDX-License-Identifier: Apache-2.0
#include "protocol/field_names.hpp"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(FieldNames, GivenADottedNameThenItIsFoundAsItStandsAndAsAPath) {
    const FieldNames names({"a.b.c", "a"});
    EXPECT_EQ(names.find(FieldNames::kRoot, "a.b.c").field, 0);
    const auto outer = names.find(FieldNames::kRoot, "a");
    EXPECT_EQ(outer.field, 1);
    EXPECT_EQ(names.find(outer.inside, "b.c").field, 0);
    const auto inner = names.find(outer.inside, "b");
    EXPECT_EQ(inner.field, FieldNames::kNone);
    EXPECT_EQ(names.find(inner.inside, "c").field, 0);
    EXPECT_EQ(names.find(FieldNames::kRoot, "a.b").inside, inner.inside) << "one path, however it is cut";
    EXPECT_EQ(names.find(FieldNames::kRoot, "b").inside, FieldNames::kNone);
}

TEST(FieldNames, GivenNamesThatBeginOrEndInADotThenTheEmptyPartIsAPart) {
    const FieldNames names({".a", "b.", ".."});
    const auto first = names.find(FieldNames::kRoot, "");
    EXPECT_EQ(names.find(first.inside, "a").field, 0);
    EXPECT_EQ(names.find(names.find(FieldNames::kRoot, "b").inside, "").field, 1);
    EXPECT_EQ(names.find(names.find(first.inside, "").inside, "").field, 2);
}

TEST(FieldNames, GivenNamesAlikeButForOneByteAtAnyLengthThenEachIsItself) {
    std::vector<std::string> names;
    for (std::size_t length = 1; length <= 40; ++length)
        for (std::size_t at = 0; at < length; ++at) {
            names.emplace_back(length, 'x');
            names.back()[at] = 'y';
        }
    const FieldNames table(names);
    for (std::size_t i = 0; i < names.size(); ++i)
        EXPECT_EQ(table.find(FieldNames::kRoot, names[i]).field, static_cast<int>(i));
    EXPECT_EQ(table.find(FieldNames::kRoot, std::string(20, 'x')).field, FieldNames::kNone);
}

TEST(FieldNames, GivenANameOfManyPartsThenItTakesATableForEachNotForEachWayToCutIt) {
    std::string name = "a";
    for (int i = 0; i < 200; ++i)
        name += ".a";
    const FieldNames names({name});
    int level = FieldNames::kRoot;
    for (int i = 0; i < 200; ++i)
        level = names.find(level, "a").inside;
    EXPECT_EQ(names.find(level, "a").field, 0);
}

}  // namespace
}  // namespace sallyport
