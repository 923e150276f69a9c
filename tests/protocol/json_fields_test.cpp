// SPDX-License-Identifier: Apache-2.0
#include "protocol/json_fields.hpp"

#include <gtest/gtest.h>

#include "protocol/json.hpp"

namespace sallyport {
namespace {

const std::vector<std::string> kNames = {"id", "a.b", "a.b.c", "nics.bus", "text", "type"};

// What the reader found, as `name=value`, in order; `?` for a name that is not known.
std::string found_in(std::string_view line, const JsonWanted& wanted = {}) {
    const auto reader = JsonFieldReader::create(std::make_shared<FieldNames>(kNames));
    std::vector<JsonField> fields;
    const auto read = reader->read(line, wanted, fields);
    if (!read) return read.error().message();
    std::string text;
    for (const JsonField& field : fields) {
        text += (text.empty() ? "" : " ") +
                (field.field < 0 ? "?" : kNames[static_cast<std::size_t>(field.field)]) + "=";
        switch (field.kind) {
            case JsonField::Kind::empty: text += "[]"; break;
            case JsonField::Kind::null: text += "null"; break;
            case JsonField::Kind::flag: text += field.flag ? "true" : "false"; break;
            case JsonField::Kind::integer: text += std::to_string(field.integer); break;
            case JsonField::Kind::number: text += std::to_string(field.number); break;
            case JsonField::Kind::text: text += std::string(field.text); break;
        }
    }
    return text;
}

TEST(JsonFields, GivenALineThenOnlyTheNamedFieldsAreRead) {
    EXPECT_EQ(found_in(R"({"x": {"id": 9}, "id" : 7 , "text":"a\\b\u0041","other":[1,2]})"), R"(id=7 text=a\bA)");
    EXPECT_EQ(found_in(R"({"id": true, "text": null, "type": -2.5})"), "id=true text=null type=-2.500000");
    EXPECT_EQ(found_in("{}"), "");
    EXPECT_EQ(found_in(R"({"i\u0064": 1})"), "id=1");
}

TEST(JsonFields, GivenListsAndPathsThenEachElementAndEachInnerValueIsFound) {
    EXPECT_EQ(found_in(R"({"id": [1, "x", []]})"), "id=[] id=1 id=x id=[]");
    EXPECT_EQ(found_in(R"({"a": {"b": 1, "q": 2}})"), "a.b=1");
    EXPECT_EQ(found_in(R"({"a.b": 1})"), "a.b=1");
    EXPECT_EQ(found_in(R"({"a.b": {"c": 2}})"), "a.b=[] a.b=2");
    EXPECT_EQ(found_in(R"({"nics": [{"bus": "pci"}, 3, {"bus": "usb"}]})"), "nics.bus=pci nics.bus=usb");
}

TEST(JsonFields, GivenASplicedObjectThenItsFieldsAreThoseOfTheRoot) {
    EXPECT_EQ(found_in(R"({"type": "t", "body": {"id": 1, "type": "u"}})", {.spliced = "body"}), "type=t id=1");
}

TEST(JsonFields, GivenEverythingIsWantedThenUnknownNamesGiveTheirValues) {
    EXPECT_EQ(found_in(R"({"q": "v", "id": 1, "nics": [4, {"z": 5}]})", {.everything = true}), "?=v id=1 ?=4 ?=5");
}

TEST(JsonFields, GivenAnIntegerBeyond64BitsThenItIsText) {
    EXPECT_EQ(found_in(R"({"id": 9232379236109516800 })"), "id=9232379236109516800");
}

TEST(JsonFields, GivenWhatIsNotOneObjectThenItIsRefused) {
    EXPECT_EQ(found_in(R"({"id": 1, "id": 2})"), "json: field 'id' appears twice");
    for (const auto* line : {"", "[1]", "7", R"({"id": tru})", R"({"id": 1} {"id": 2})", R"({"id": "x)", R"({"id": 1)",
                             "{\"id\": \"\xFF\"}", R"({"id": "\q"})"})
        EXPECT_EQ(found_in(line).substr(0, 5), "json:") << line;
    std::string deep = R"({"id": )";
    for (int i = 0; i < 40; ++i)
        deep += "[";
    for (int i = 0; i < 40; ++i)
        deep += "]";
    EXPECT_EQ(found_in(deep + "}").substr(0, 5), "json:");
}

}  // namespace
}  // namespace sallyport
