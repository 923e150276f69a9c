// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_message.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "agent/sensors/camera/report_budget.hpp"
#include "protocol/schema.hpp"

namespace sallyport::camera {
namespace {

const std::vector<Report> kReports = {CameraState::on,
                                      CameraState::in_use_by_other,
                                      Presence{2, true, 1, 1200, 97, false},
                                      Presence{9, false, 9, 3'600'000, 100, true},
                                      SceneNumbers{109'000, 49'800, 412},
                                      Degraded{},
                                      PictureSize{640, 480},
                                      PictureSize{8192, 1},
                                      PatternSeen{}};

TEST(CameraMessage, GivenEachReportWhenItIsSentThenItArrivesAndHasOneSize) {
    for (const Report& report : kReports) {
        const Message message = encode(report);
        static_assert(sizeof message == 32);
        const auto back = decode(message);
        ASSERT_TRUE(back);
        EXPECT_EQ(encode(*back), message);
        EXPECT_EQ(back->index(), report.index());
    }
}

TEST(CameraMessage, GivenEachEventWhenItIsMadeThenItIsOneOfTheCatalogue) {
    for (const Report& report : kReports) {
        if (event_type(report).empty())
            continue;
        const EventType* type = find_event_type(event_type(report));
        ASSERT_NE(type, nullptr) << event_type(report);
        const auto fault = check_fields(event_body(report), type->fields);
        EXPECT_FALSE(fault) << fault->field << " " << fault->reason;
    }
}

// A byte that no field needs could carry something: whatever is changed, the message means another report or none.
TEST(CameraMessage, GivenAnyByteThatHasNoMeaningWhenItIsSetThenTheMessageIsRefused) {
    for (const Report& report : kReports) {
        const Message message = encode(report);
        for (std::size_t at = 0; at < message.size(); ++at) {
            for (int bit = 0; bit < 8; ++bit) {
                Message changed = message;
                changed[at] = static_cast<std::uint8_t>(changed[at] ^ (1 << bit));
                const auto read = decode(changed);
                EXPECT_TRUE(!read || encode(*read) == changed) << "byte " << at << " bit " << bit;
            }
        }
        for (const std::size_t size : {0U, 31U, 33U}) {
            std::vector<std::uint8_t> other(message.begin(), message.end());
            other.resize(size);
            EXPECT_FALSE(decode(other));
        }
    }
}

// The sum of docs/formats/camera.md: how many bits the widest report can carry at all.
TEST(CameraMessage, GivenAReportWhenItsMeaningsAreCountedThenItCarriesLessThanFiveBytes) {
    constexpr double kPresences = 10 * 2 * 10 * 36'001.0 * 101 * 2;
    EXPECT_LT(std::log2(kPresences), 31);
    EXPECT_FALSE(decode(std::vector<std::uint8_t>(32, 0xff)));
}

TEST(CameraMessage, GivenTheAgentsNoteWhenItIsReadThenItIsAnAgeAndNothingElse) {
    EXPECT_EQ(decode_input(encode_input(42)), 42U);
    auto note = encode_input(42);
    EXPECT_FALSE(decode_input(std::span(note).first(7)));
    EXPECT_FALSE(decode_pattern_wish(note));
    EXPECT_EQ(decode_pattern_wish(encode_pattern_wish(900)), 900U);
    note[1] = 1;
    EXPECT_FALSE(decode_input(note));
}

TEST(ReportBudget, GivenAProcessThatTellsTooMuchWhenItGoesOnThenItIsNoticed) {
    using std::chrono::milliseconds;
    agent::ReportBudget budget(MonotonicTime(1000));
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(budget.spend(MonotonicTime(1000)));
    EXPECT_FALSE(budget.spend(MonotonicTime(1000)));
    agent::ReportBudget honest(MonotonicTime(0));
    for (std::uint64_t at = 0; at < 60'000; at += 500)
        EXPECT_TRUE(honest.spend(MonotonicTime(at)));
}

}  // namespace
}  // namespace sallyport::camera
