// SPDX-License-Identifier: Apache-2.0
//
// USBGuard's own test rules and descriptors, where they are beside the tree (../shared/vectors/usbguard): what it takes is
// taken and written back to the same rule, what it refuses is refused, and devices have the hashes that it gives them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/usbguard/descriptors.hpp"
#include "protocol/usbguard/rule_set.hpp"

namespace sallyport::usbguard {
namespace {

const std::filesystem::path kVectors = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared/vectors/usbguard";

class UsbguardVectors : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kVectors)) GTEST_SKIP() << "SKIPPED: " << kVectors << " is absent";
    }
    static std::string content(const std::string& name) {
        auto text = read_file(kVectors / name);
        EXPECT_TRUE(text) << name;
        return text ? *text : std::string();
    }
    static std::vector<std::string> lines(const std::string& name) {
        std::vector<std::string> found;
        std::istringstream text(content(name));
        for (std::string line; std::getline(text, line);)
            if (!line.empty()) found.push_back(line);
        return found;
    }
    static Bytes bytes(const Record& record) { return *from_hex(text_of(record, "descriptors_hex")); }
};

TEST_F(UsbguardVectors, GivenEachGoodRuleWhenReadAndWrittenThenItIsTheSameRule) {
    const auto all = lines("rules.good");
    EXPECT_EQ(all.size(), 385u);
    for (const std::string& line : all) {
        const auto rule = read_rule(line);
        ASSERT_TRUE(rule) << line << ": " << rule.error().message();
        if (!*rule) continue;  // a comment
        const std::string written = write_rule(**rule);
        const auto again = read_rule(written);
        ASSERT_TRUE(again) << written << ": " << again.error().message();
        EXPECT_EQ(**again, **rule) << written;
        EXPECT_EQ(write_rule(**again), written);
    }
}

TEST_F(UsbguardVectors, GivenEachBadRuleWhenReadThenItIsRefusedByItsColumn) {
    const auto all = lines("rules.bad");
    EXPECT_GE(all.size(), 38u);
    for (const std::string& line : all) {
        const auto rule = read_rule(line);
        ASSERT_FALSE(rule) << line;
        EXPECT_TRUE(rule.error().message().starts_with("column ")) << rule.error().message();
    }
}

TEST_F(UsbguardVectors, GivenAFileWithCommentsWhenReadThenItsThreeRulesAreFound) {
    const RuleSet set = read_rule_set(content("rules.file"));
    EXPECT_TRUE(set.faults.empty());
    ASSERT_EQ(set.rules.size(), 3u);
    EXPECT_EQ(set.rules[0].line, 6u);
}

TEST_F(UsbguardVectors, GivenEachDeviceWhenHashedThenTheHashIsUsbguards) {
    int hashed = 0;
    for (const std::string& line : lines("descriptors/devices.jsonl")) {
        const auto device = read_json_record(line);
        ASSERT_TRUE(device);
        const auto read = read_descriptors(bytes(*device));
        ASSERT_TRUE(read) << read.error().message();
        List interfaces;
        for (const InterfaceType& one : interfaces_in(*read))
            interfaces.emplace_back(to_hex(std::array{one.type}) + ":" + to_hex(std::array{*one.subtype}) + ":" +
                                    to_hex(std::array{*one.protocol}));
        EXPECT_EQ(Value(interfaces), *device->find("interfaces"));
        if (!device->contains("usbguard_hash")) continue;
        const auto id = from_hex(std::string(text_of(*device, "id")).erase(4, 1));
        const auto number = [&](std::size_t at) { return static_cast<std::uint16_t>((*id)[at] << 8 | (*id)[at + 1]); };
        EXPECT_EQ(device_hash(text_of(*device, "name"), number(0), number(2), text_of(*device, "serial"), bytes(*device)),
                  text_of(*device, "usbguard_hash"));
        ++hashed;
    }
    EXPECT_EQ(hashed, 2);
}

TEST_F(UsbguardVectors, GivenAWholeDeviceWhenReadThenEachKindOfDescriptorIsCountedAsUsbguardDoes) {
    const auto read = read_descriptors(bytes_of(content("descriptors/0001.bin")));
    ASSERT_TRUE(read);
    std::map<int, int> count;
    for (const Descriptor& one : *read)
        ++count[one.type];
    EXPECT_EQ(count, (std::map<int, int>{{1, 1}, {2, 1}, {4, 6}, {5, 8}, {0x0b, 2}, {0x24, 7}}));
}

TEST_F(UsbguardVectors, GivenEachDamagedChainWhenReadThenItIsRefused) {
    const auto all = lines("descriptors/bad.jsonl");
    EXPECT_EQ(all.size(), 12u);
    for (const std::string& line : all) {
        const auto record = read_json_record(line);
        ASSERT_TRUE(record);
        EXPECT_FALSE(read_descriptors(bytes(*record))) << text_of(*record, "why");
    }
}

}  // namespace
}  // namespace sallyport::usbguard
