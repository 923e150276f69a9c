// SPDX-License-Identifier: Apache-2.0
//
// What clip A alone cannot tell: other rooms, operators and distances. Each clip is composed by script, watched by the
// shipped program, and every event is held against the script: all in time (targets.md), none beside.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "tests/agent/sensors/camera/stage/camera_program.hpp"
#include "tests/agent/sensors/camera/stage/composed_clip.hpp"

namespace sallyport::camera::stage {
namespace {

// What an act must bring about, in how many seconds after it is fully there, and how long its echo may last.
struct Expected {
    std::string name;
    Fits fits;
    double from, until, within;
};

std::optional<Expected> expected_of(const Act& act) {
    const auto state = [&](const char* name, double ramp, double within) {
        return Expected{name, tells_state(name), act.t0, act.t1, ramp + within};
    };
    if (act.kind == "onlooker")  // comes in for a second
        return Expected{"onlooker", tells_onlooker, act.t0, act.t1, 1.0 + 2.0};
    if (act.kind == "absent")
        return Expected{"absent", tells_absent, act.t0, act.t1, 0.6 + 4.0};
    if (act.kind.starts_with("cover"))
        return state("covered", 0.0, 2.0);
    if (act.kind == "defocus")
        return state("defocused", 0.0, 2.0);
    if (act.kind == "moved")
        return state("moved", 0.0, 2.0);
    if (act.kind == "freeze" || act.kind == "loop")
        return state("frozen", 0.0, 3.0);
    if (act.kind == "slow_defocus")
        return state("defocused", act.t1 - act.t0, 0);
    if (act.kind == "slow_turn")
        return state("moved", act.t1 - act.t0, 0);
    return std::nullopt;
}

class ComposedClip : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kVision / "photos"))
            GTEST_SKIP() << "SKIPPED: ../shared absent: no people to compose clips of";
    }
    void TearDown() override { std::filesystem::remove(clip_); }

    void watch(const Script& script) {
        compose(kVision, script, clip_);
        ran_ = run_program("--source mjpeg:" + clip_.string() + " --fps " + std::to_string(script.frames_per_second) +
                           " --no-pace --json --model " + kModel.string());
        ASSERT_EQ(ran_.status, 0) << ran_.text;
    }

    // Every act is told in time, and nothing else but the ends of acts.
    void expect_exactly(const Script& script) {
        watch(script);
        std::vector<Expected> all;
        for (const Act& act : script.acts)
            if (auto expected = expected_of(act))
                all.push_back(*expected);
        for (const Expected& one : all) {
            const double t = first_in(ran_.lines, one.from, one.until + 1, one.fits);
            EXPECT_GE(t, 0) << one.name << " at " << one.from << " was missed\n" << ran_.text;
            EXPECT_LE(t - one.from, one.within + 1e-6) << one.name << "\n" << ran_.text;
            std::cout << "    " << script.room << " " << one.name << " at " << one.from << ": " << t - one.from << " s\n";
        }
        for (const Record& line : ran_.lines)
            expect_cause(line, all);
    }

    void expect_cause(const Record& line, const std::vector<Expected>& all) const {
        const double t = number_of(line, "t").value();
        const bool tells = tells_onlooker(line) || tells_absent(line) ||
                           (text_of(line, "type") == "camera.state" && text_of(line, "state") != "on");
        if (!tells)
            return;
        const bool caused = std::ranges::any_of(all, [&](const Expected& one) {
            return t >= one.from && t <= one.until + 2.5 && one.fits(line);
        });
        EXPECT_TRUE(caused) << "nothing caused " << write_json(line) << "\n" << ran_.text;
    }

    const std::filesystem::path clip_ =
        std::filesystem::temp_directory_path() / ("composed." + std::to_string(::getpid()) + ".mjpeg");
    Ran ran_;
};

TEST_F(ComposedClip, GivenABareOfficeWhenAllHappensThenAllIsToldAndNothingElse) {
    expect_exactly({.room = "office", .seconds = 100, .operator_face = 120, .operator_who = 1,
                    .acts = {{"onlooker", 10, 18, 45, 90, 110, 0}, {"passer", 22, 23, 50, 0, 120, 3},
                             {"absent", 28, 38}, {"cover_dark", 42, 47}, {"cover_hand", 51, 56},
                             {"defocus", 60, 66, 4}, {"moved", 70, 76, 0, 0, 80, 1, 4}, {"dim", 80, 85, 0.3},
                             {"flash", 88, 91, 1.4}}});
}

TEST_F(ComposedClip, GivenAnOperatorNearTheLensWhenSheLeavesThenTheCameraHasNotMoved) {
    expect_exactly({.room = "office", .seconds = 60, .operator_face = 215, .operator_who = 2,
                    .acts = {{"onlooker", 10, 17, 75, 520, 90, 3}, {"absent", 22, 33}, {"defocus", 38, 43, 6},
                             {"cover_tape", 48, 53}}});
}

TEST_F(ComposedClip, GivenAnOperatorFarAwayWhenALookerOnStandsBehindThenHeIsTold) {
    expect_exactly({.room = "hall", .seconds = 60, .operator_face = 72, .operator_who = 3,
                    .acts = {{"onlooker", 10, 17, 30, 480, 130, 1}, {"absent", 22, 33},
                             {"moved", 38, 44, 0, -120, 30, 1, -6}, {"dim", 48, 54, 0.35}}});
}

TEST_F(ComposedClip, GivenATexturedRoomWhenAllHappensThenAllIsTold) {
    expect_exactly({.room = "house", .seconds = 72, .operator_face = 140, .operator_who = 4,
                    .acts = {{"onlooker", 10, 17, 40, 100, 110, 0}, {"onlooker", 21, 28, 90, 500, 80, 1},
                             {"absent", 33, 42}, {"defocus", 47, 52, 3.5}, {"moved", 56, 62, 0, 100, -40, 1, -5},
                             {"flash", 66, 69, 1.35}}});
}

TEST_F(ComposedClip, GivenPeopleWhoTurnTheirBacksWhenTheyStayThenNobodyLooksOn) {
    expect_exactly({.room = "hall", .seconds = 40, .operator_face = 130, .operator_who = 0,
                    .acts = {{"back", 8, 30, 60, 110, 120, 1}, {"back", 12, 30, 45, 500, 110, 3},
                             {"passer", 33, 34, 60, 0, 120, 4}}});
}

TEST_F(ComposedClip, GivenALookerOnWhenTheOperatorIsAwayThenBothAreTold) {
    expect_exactly({.room = "office", .seconds = 45, .operator_face = 150, .operator_who = 0,
                    .acts = {{"absent", 10, 30}, {"onlooker", 15, 26, 55, 120, 110, 1}}});
}

// anchors.md C5: a face on a poster.
TEST_F(ComposedClip, GivenAPosterWhenItHangsThereThenItIsNobody) {
    expect_exactly({.room = "office", .seconds = 60, .operator_face = 130, .operator_who = 0,
                    .acts = {{"poster", 0, 60, 60, 130, 100, 1}, {"absent", 25, 40}, {"dim", 46, 50, 0.45}}});
}

TEST_F(ComposedClip, GivenOnlyAPosterWhenNobodySitsThereThenTheOperatorIsAbsent) {
    Script script{.room = "house", .seconds = 25, .operator_face = 0, .acts = {{"poster", 0, 25, 120, 270, 170, 0}}};
    watch(script);
    EXPECT_GT(first_in(ran_.lines, 10, 16, tells_absent), 0) << ran_.text;
    EXPECT_EQ(first_in(ran_.lines, 0, 25, tells_onlooker), -1) << ran_.text;
}

TEST_F(ComposedClip, GivenAPictureThatStandsStillOrLoopsWhenWatchedThenItIsFrozen) {
    expect_exactly({.room = "hall", .seconds = 60, .operator_face = 130, .operator_who = 1, .frames_per_second = 10,
                    .acts = {{"freeze", 15, 22}, {"loop", 35, 50, 5}}});
}

TEST_F(ComposedClip, GivenALensDefocusedOverMinutesWhenTheReferenceFollowsThenTheSlowOneTells) {
    expect_exactly({.room = "house", .seconds = 110, .operator_face = 130, .operator_who = 1, .frames_per_second = 5,
                    .acts = {{"slow_defocus", 30, 330, 6}}});
}

TEST_F(ComposedClip, GivenACameraTurnedOverMinutesWhenTheReferenceFollowsThenTheSlowOneTells) {
    expect_exactly({.room = "hall", .seconds = 110, .operator_face = 130, .operator_who = 1, .frames_per_second = 5,
                    .acts = {{"slow_turn", 30, 330, 0, 150, 50, 1, 8}}});
}

}  // namespace
}  // namespace sallyport::camera::stage
