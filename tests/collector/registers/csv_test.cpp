// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/csv.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/json.hpp"

namespace sallyport::registers {
namespace {

using ::testing::ElementsAre;

std::string content_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

CsvTable table_of(std::string_view text) {
    auto read = read_csv(text);
    const auto* table = std::get_if<CsvTable>(&read);
    EXPECT_NE(table, nullptr) << text;
    return table == nullptr ? CsvTable{} : *table;
}

void expect_fault(std::string_view text, std::size_t record, std::optional<std::size_t> field, const CsvLimits& limits = {}) {
    const auto read = read_csv(text, limits);
    const auto* fault = std::get_if<CsvFault>(&read);
    ASSERT_NE(fault, nullptr) << text;
    EXPECT_EQ(fault->record, record) << text << ": " << fault->reason;
    EXPECT_EQ(fault->field, field) << text << ": " << fault->reason;
    EXPECT_FALSE(fault->reason.empty());
}

TEST(Csv, GivenPlainAndQuotedFieldsWhenReadThenTheirText) {
    const auto table = table_of("a,b\r\n1,\"x\"\"y\"\r\n,\"2,\r\n3\"");
    EXPECT_THAT(table.header, ElementsAre("a", "b"));
    EXPECT_THAT(table.records, ElementsAre(ElementsAre("1", "x\"y"), ElementsAre("", "2,\r\n3")));
}

TEST(Csv, GivenAByteOrderMarkWhenReadThenItIsNoPartOfTheFirstName) {
    EXPECT_THAT(table_of("\xEF\xBB\xBF" "a,b\n1,2\n").header, ElementsAre("a", "b"));
}

TEST(Csv, GivenLfOrCrlfWhenReadThenTheSameRows) {
    EXPECT_EQ(table_of("a,b\n1,2\n").records, table_of("a,b\r\n1,2\r\n").records);
}

TEST(Csv, GivenBrokenTextWhenReadThenRecordAndFieldAreBlamed) {
    expect_fault("", 1, std::nullopt);
    expect_fault("a,b\n1\n", 2, std::nullopt);
    expect_fault("a,b\n1,2,3\n", 2, std::nullopt);
    expect_fault("a,b\n\n", 2, std::nullopt);
    expect_fault("a,b\n1,\"2\n", 2, 2);
    expect_fault("a,b\n1\"x,2\n", 2, 1);
    expect_fault("a,b\n\"1\"x,2\n", 2, 1);
    expect_fault("a,b\n1\r2,3\n", 2, 1);
    expect_fault("a,b\n1,2\r", 2, 2);
    expect_fault(std::string_view("a,b\n1,\0\n", 8), 2, 2);
    expect_fault(std::string_view("a,b\n\"\0\",2\n", 10), 2, 1);
    expect_fault("a,\"b", 1, 2);
}

TEST(Csv, GivenMoreThanTheLimitsWhenReadThenRefused) {
    expect_fault("a,b,c\n", 1, 2, {.fields_max = 2});
    expect_fault("a\n12345\n", 2, 1, {.field_bytes_max = 4});
    expect_fault("a\n1\n2\n3\n", 4, std::nullopt, {.records_max = 3});
    expect_fault("a\n1\n", 1, std::nullopt, {.bytes_max = 3});
}

TEST(Csv, GivenAnyTextWhenWrittenAndReadThenTheSame) {
    const CsvTable table{{"a", "b\"x"}, {{"", "1,2"}, {"\"", "x\r\ny"}, {"plain", " blank "}}};
    const auto again = table_of(write_csv(table));
    EXPECT_EQ(again.header, table.header);
    EXPECT_EQ(again.records, table.records);
    const CsvTable narrow{{"a"}, {{""}, {"x"}}};
    EXPECT_EQ(table_of(write_csv(narrow)).records, narrow.records);
}

TEST(Csv, GivenTextThatLooksLikeAFormulaWhenGuardedThenNoSpreadsheetRunsItAndItComesBack) {
    for (const auto* text : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''=1"}) {
        EXPECT_EQ(guard_formula(text), "'" + std::string(text));
        EXPECT_EQ(unguard_formula(guard_formula(text)), text);
    }
    for (const auto* text : {"", "x=1", "'quoted'", "O'Brien", "2026-11-23"}) {
        EXPECT_EQ(guard_formula(text), text);
        EXPECT_EQ(unguard_formula(guard_formula(text)), text);
    }
}

class CsvVectors : public ::testing::Test {
protected:
    const std::filesystem::path vectors_ = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared/vectors/csv";

    void SetUp() override {
        if (!std::filesystem::exists(vectors_))
            GTEST_SKIP() << "SKIPPED: ../shared absent";
    }
};

TEST_F(CsvVectors, GivenEachRfc4180CaseWhenReadThenItsRowsOrItsFault) {
    std::ifstream cases(vectors_ / "rfc4180.jsonl");
    std::string line;
    int count = 0;
    while (std::getline(cases, line)) {
        SCOPED_TRACE(line);
        const auto record = read_json_record(line);
        ASSERT_TRUE(record) << record.error().message();
        const auto text = text_of(*record, "csv");
        ++count;
        if (const auto* rows = record->find("rows")) {
            const auto table = table_of(text);
            std::vector<CsvRecord> expected;
            for (const Value& row : *rows->as<List>()) {
                auto& cells = expected.emplace_back();
                for (const Value& cell : *row.as<List>())
                    cells.push_back(*cell.as<std::string>());
            }
            EXPECT_EQ(table.header, expected.front());
            EXPECT_EQ(table.records, std::vector(expected.begin() + 1, expected.end()));
            continue;
        }
        const Record& error = *record->find("error")->as<Record>();
        const Value* field = error.find("field");
        const auto blamed = field->is_null() ? std::nullopt : std::optional<std::size_t>(integer_of(error, "field"));
        expect_fault(text, static_cast<std::size_t>(integer_of(error, "record")), blamed);
    }
    EXPECT_GT(count, 0);
}

TEST_F(CsvVectors, GivenEachSpectrumFileWhenReadThenItsRows) {
    for (const auto& entry : std::filesystem::directory_iterator(vectors_ / "spectrum")) {
        if (entry.path().extension() != ".csv")
            continue;
        SCOPED_TRACE(entry.path());
        const auto table = table_of(content_of(entry.path()));
        const auto expected =
            read_json(content_of(std::filesystem::path(entry.path()).replace_extension(".json")), {.bytes_max = 65536});
        ASSERT_TRUE(expected);
        const List& rows = *expected->as<List>();
        ASSERT_EQ(table.records.size(), rows.size());
        for (std::size_t row = 0; row < rows.size(); ++row)
            for (std::size_t column = 0; column < table.header.size(); ++column)
                EXPECT_EQ(table.records[row][column], text_of(*rows[row].as<Record>(), table.header[column]));
    }
}

}  // namespace
}  // namespace sallyport::registers
