// SPDX-License-Identifier: Apache-2.0
//
// One-time codes. The values of RFC 6238 and RFC 4226 with wrong ones beside them are in ../shared/vectors/totp.
#include "collector/registers/totp.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::registers {
namespace {

const Bytes kSecret = [] {
    const auto text = bytes_of("12345678901234567890");
    return Bytes(text.begin(), text.end());
}();

WallTime at(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

TEST(Totp, GivenTheCodeOfANeighbouringStepWhenVerifiedThenTheStepIsNamed) {
    EXPECT_EQ(verify_totp(kSecret, "287082", at(59)), 1U);
    EXPECT_EQ(verify_totp(kSecret, "287082", at(0)), 1U);
    EXPECT_EQ(verify_totp(kSecret, "287082", at(89)), 1U);
    EXPECT_EQ(verify_totp(kSecret, "287082", at(90)), std::nullopt);
    EXPECT_EQ(verify_totp(kSecret, "287082", at(0), 0), std::nullopt);
}

TEST(Totp, GivenTheSameCodeInFewerOrOtherDigitsWhenVerifiedThenItIsRefused) {
    for (const char* code : {"", "28708", "94287082", " 87082", "2870820", "287082 ", "２８７０８２", "-87082"})
        EXPECT_EQ(verify_totp(kSecret, code, at(59)), std::nullopt) << code;
    // The same number with eight digits ends in the six.
    EXPECT_EQ(verify_totp(kSecret, "94287082", at(59), 0, 8), 1U);
    EXPECT_EQ(verify_totp(kSecret, "4287082", at(59), 0, 8), std::nullopt);
}

TEST(Totp, GivenATimeBefore1970OrNoSecretWhenVerifiedThenNothingFits) {
    EXPECT_EQ(verify_totp(kSecret, "755224", at(-1)), std::nullopt);
    EXPECT_FALSE(verify_hotp({}, "755224", 0));
}

TEST(Totp, GivenASecretWhenWrittenForAnAppThenItIsBase32AndNamesAreEscaped) {
    EXPECT_EQ(*totp_uri(kSecret, "Sallyport CA0300000", "j&doe"),
              "otpauth://totp/Sallyport%20CA0300000:j%26doe?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Sallyport%20CA0300000&algorithm=SHA1&digits=6&period=30");
}

class TotpVectors : public ::testing::Test {
protected:
    void SetUp() override {
        const auto file = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared/vectors/totp/totp.json";
        if (!std::filesystem::exists(file))
            GTEST_SKIP() << "SKIPPED: ../shared absent: no one-time codes";
        vectors_ = *read_json_record(*read_file(file), {.bytes_max = 1 << 20, .depth_max = 8, .fields_max = 10'000});
        secret_ = *from_hex(text_of(vectors_, "secret_hex"));
    }
    const Record& part(std::string_view name) const { return *vectors_.find(name)->as<Record>(); }

    Record vectors_;
    Bytes secret_;
};

TEST_F(TotpVectors, GivenEachCodeOfATimeWhenVerifiedThenGoodOnesFitAndBadOnesDoNotInAnyWindow) {
    const Record& totp = part("totp");
    const auto digits = static_cast<unsigned>(integer_of(totp, "digits"));
    for (const Value& value : *totp.find("good")->as<List>()) {
        const Record& one = *value.as<Record>();
        const auto t = integer_of(one, "t");
        for (unsigned window = 0; window <= 5; ++window)
            EXPECT_EQ(verify_totp(secret_, text_of(one, "code"), at(t), window, digits), static_cast<std::uint64_t>(t / 30));
    }
    for (const Value& value : *totp.find("bad")->as<List>()) {
        const Record& one = *value.as<Record>();
        for (unsigned window = 0; window <= 5; ++window)
            EXPECT_EQ(verify_totp(secret_, text_of(one, "code"), at(integer_of(one, "t")), window, digits), std::nullopt)
                << text_of(one, "why");
    }
}

TEST_F(TotpVectors, GivenEachCodeOfACounterWhenVerifiedThenOnlyItsOwnFits) {
    const Record& hotp = part("hotp");
    for (const auto* verdict : {"good", "bad"})
        for (const Value& value : *hotp.find(verdict)->as<List>()) {
            const Record& one = *value.as<Record>();
            EXPECT_EQ(verify_hotp(secret_, text_of(one, "code"), static_cast<std::uint64_t>(integer_of(one, "counter"))),
                      verdict == std::string_view("good"))
                << text_of(one, "code");
        }
}

}  // namespace
}  // namespace sallyport::registers
