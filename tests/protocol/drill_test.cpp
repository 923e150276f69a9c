// SPDX-License-Identifier: Apache-2.0
#include "protocol/drill.hpp"

#include <gtest/gtest.h>

#include "protocol/terminal_config.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::testing {
namespace {

constexpr auto kHash = "aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11";

class DrillMark : public ::testing::Test {
protected:
    DrillMark() {
        order_.nonce = std::string(32, 'd');
        order_.begins_at = clock_.now();
        order_.ends_at = clock_.now() + std::chrono::minutes(15);
        order_.sensors = {"usb", "print", "session", "identity"};
        order_.stick = DrillStick{"0951", "1666", kHash};
    }

    [[nodiscard]] bool cued(std::string_view type, const Record& body) const { return is_cued(order_, type, body); }
    // The order's stick, with one thing otherwise.
    static Record stick(std::string_view name, Value value) {
        Record body{{"vid", "0951"},      {"pid", "1666"},    {"serial_hash", kHash}, {"identity", "device"},
                    {"is_storage", true}, {"is_hid", false},  {"is_net", false},      {"is_mtp", false}};
        return body.set(name, std::move(value));
    }
    static Record job(std::string_view name, Value value) {
        Record body{{"state", "submitted"}, {"way", "queue"}, {"bytes", 0}};
        return body.set(name, std::move(value));
    }

    ManualClock clock_;
    DrillOrder order_;
};

TEST_F(DrillMark, GivenTheRegisteredStickThenItIsCued) { EXPECT_TRUE(cued("usb.attach", stick("is_storage", true))); }

TEST_F(DrillMark, GivenAnotherStickOrOneThatIsMoreThanAStoreThenItIsNotCued) {
    EXPECT_FALSE(cued("usb.attach", stick("vid", "0952")));
    EXPECT_FALSE(cued("usb.attach", stick("pid", "1667")));
    EXPECT_FALSE(cued("usb.attach", stick("serial_hash", std::string(64, 'b'))));
    EXPECT_FALSE(cued("usb.attach", stick("identity", "model")));
    EXPECT_FALSE(cued("usb.attach", stick("is_hid", true)));
    EXPECT_FALSE(cued("usb.attach", stick("is_net", true)));
    EXPECT_FALSE(cued("usb.attach", stick("is_mtp", true)));
    EXPECT_FALSE(cued("usb.attach", stick("is_storage", false)));
    EXPECT_FALSE(cued("usb.attach", stick("present_at_start", true)));
}

TEST_F(DrillMark, GivenWhatIsDoneWithTheStickThenItIsNeverCued) {
    EXPECT_FALSE(cued("usb.write", stick("bytes", 1)));
    EXPECT_FALSE(cued("usb.mount", stick("size_mb", 1)));
    EXPECT_FALSE(cued("usb.detach", stick("is_storage", true)));
}

TEST_F(DrillMark, GivenAJobWithAnythingToPrintThenItIsNotCued) {
    EXPECT_TRUE(cued("print.job", job("bytes", 0)));
    EXPECT_TRUE(cued("print.job", job("state", "cancelled")));
    EXPECT_FALSE(cued("print.job", job("bytes", 1)));
    EXPECT_FALSE(cued("print.job", job("pages", 1)));
    EXPECT_FALSE(cued("print.job", job("sheets", 1)));
    EXPECT_FALSE(cued("print.job", job("state", "released")));
    EXPECT_FALSE(cued("print.job", job("state", "completed")));
    EXPECT_FALSE(cued("print.job", job("way", "device_node")));
}

TEST_F(DrillMark, GivenASensorThatWasNotAskedThenNothingOfItIsCued) {
    order_.sensors = {"camera"};
    EXPECT_FALSE(cued("usb.attach", stick("is_storage", true)));
    EXPECT_FALSE(cued("print.job", job("bytes", 0)));
    EXPECT_FALSE(cued("session.lock", {}));
    EXPECT_FALSE(cued("device.identity", {}));
}

TEST_F(DrillMark, GivenAnyOtherTypeThenItIsNotCued) {
    for (const EventType& type : event_types()) {
        const bool may = type.name == "agent.drill" || type.name == "session.lock" || type.name == "device.identity";
        EXPECT_EQ(cued(type.name, {}), may) << type.name;
    }
}

TEST_F(DrillMark, GivenAnEventBeforeOrAfterTheSpanThenItsMarkIsNotBelieved) {
    Event event;
    event.type = "device.identity";
    const auto at = [&](WallTime time) {
        event.occurred_at = time;
        return std::string(fault_of_mark(order_, event));
    };
    EXPECT_EQ(at(order_.begins_at), "");
    EXPECT_EQ(at(order_.ends_at + kDrillClockTolerance), "");
    EXPECT_EQ(at(order_.begins_at - kDrillClockTolerance - std::chrono::milliseconds(1)), "out_of_span");
    EXPECT_EQ(at(order_.ends_at + kDrillClockTolerance + std::chrono::milliseconds(1)), "out_of_span");
    event.type = "usb.write";
    EXPECT_EQ(at(order_.begins_at), "not_cued");
}

// --- the message that carries it

class ConfigMessage : public DrillMark {
protected:
    [[nodiscard]] std::string message() const { return encode_config({"T-1", 7, clock_.now(), order_}, key_).value(); }
    SigningKey key_ = SigningKey::generate().value();
};

TEST_F(ConfigMessage, GivenASignedOneWhenItIsReadThenItIsTheSame) {
    const auto read = decode_config(message(), key_.public_key());
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->terminal, "T-1");
    EXPECT_EQ(read->version, 7);
    EXPECT_EQ(read->drill, order_);
}

TEST_F(ConfigMessage, GivenOneOfAnotherKeyOrChangedThenItIsRefused) {
    EXPECT_FALSE(decode_config(message(), SigningKey::generate()->public_key()));
    std::string changed = message();
    changed.replace(changed.find("T-1"), 3, "T-2");
    EXPECT_EQ(decode_config(changed, key_.public_key()).error().code(), Errc::refused);
}

TEST_F(ConfigMessage, GivenADrillOfMoreThanAQuarterOfAnHourThenItIsNeitherSignedNorTaken) {
    order_.ends_at = order_.begins_at + kDrillLongest + std::chrono::milliseconds(1);
    EXPECT_FALSE(encode_config({"T-1", 7, clock_.now(), order_}, key_));
    order_.ends_at = order_.begins_at;
    EXPECT_FALSE(encode_config({"T-1", 7, clock_.now(), order_}, key_));
}

TEST_F(ConfigMessage, GivenAFieldThatIsNotInTheTableThenItIsRefused) {
    std::string more = message();
    more.insert(1, R"("camera":"on",)");
    EXPECT_EQ(decode_config(more, key_.public_key()).error().message(), "config: field 'camera': unknown_field");
}

TEST_F(ConfigMessage, GivenGarbageThenItIsRefused) {
    for (const char* text : {"", "{}", "[]", "{\"v\":1}", "null"})
        EXPECT_FALSE(decode_config(text, key_.public_key())) << text;
}

}  // namespace
}  // namespace sallyport::testing
