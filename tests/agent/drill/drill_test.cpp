// SPDX-License-Identifier: Apache-2.0
#include "agent/drill/drill.hpp"

#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::testing {
namespace {

using agent::Drill;

class Drills : public ::testing::Test {
protected:
    Drills() {
        status_.sensors = {{"identity", SensorState::ok}, {"usb", SensorState::ok}, {"camera", SensorState::off},
                           {"chassis", SensorState::absent}, {"network", SensorState::degraded}};
        status_.reasons = {{"camera", "not_enabled"}, {"chassis", "no_chassis_sensor"}, {"network", "look_failed"}};
        begin_anew();
    }

    // As after a restart of the agent: what it remembers is in its file.
    void begin_anew() {
        drill_.reset();
        drill_ = std::make_unique<Drill>(
            agent::DrillOptions{folder_ / "config.seen", [this] { return status_; }, [](const std::string&) {}}, witness_,
            clock_);
    }
    [[nodiscard]] TerminalConfig config(std::int64_t version, std::vector<std::string> sensors) const {
        DrillOrder order{std::string(32, static_cast<char>('0' + version)), clock_.now(),
                         clock_.now() + std::chrono::minutes(15), std::move(sensors), std::nullopt};
        return {"T-1", version, clock_.now(), order};
    }
    // What the drill told so far, each as `state sensor answer reason`.
    [[nodiscard]] std::vector<std::string> course() const {
        std::vector<std::string> told;
        for (const auto& one : witness_.of("agent.drill")) {
            std::string line(text_of(one.body, "state"));
            for (const std::string_view name : {"sensor", "answer", "reason"})
                if (const auto text = text_of(one.body, name); !text.empty()) line.append(" ").append(text);
            told.push_back(line);
        }
        return told;
    }
    bool await_course(std::size_t count) { return witness_.await_count("agent.drill", count); }

    TemporaryFolder folder_;
    ManualClock clock_;
    Witness witness_;
    StatusMessage status_;
    std::unique_ptr<Drill> drill_;
};

using Course = std::vector<std::string>;

TEST_F(Drills, GivenAnOrderWhenEverySensorHasAnsweredThenItEnds) {
    drill_->hear(config(1, {"identity"}));
    ASSERT_TRUE(await_course(1));
    ASSERT_TRUE(drill_->next().stop_possible());
    while (!drill_->cue("identity")) std::this_thread::yield();
    drill_->done("identity");
    ASSERT_TRUE(await_course(2));
    EXPECT_EQ(course(), (Course{"begun", "ended"}));
    EXPECT_EQ(witness_.of("agent.drill").front().drill, std::string(32, '1'));
    EXPECT_FALSE(drill_->cue("identity"));
}

TEST_F(Drills, GivenSensorsThatAreOffOrAbsentOrUnknownThenTheyAreAnsweredForAndNothingPasses) {
    drill_->hear(config(1, {"camera", "chassis", "nonsense", "usb"}));
    ASSERT_TRUE(await_course(6));
    EXPECT_EQ(course(), (Course{"begun", "answered camera off not_enabled", "answered chassis absent no_chassis_sensor",
                                "answered nonsense not_possible no_such_sensor", "answered usb not_possible no_drill_stick",
                                "ended"}));
}

TEST_F(Drills, GivenASensorThatLookedThenItsHealthIsItsAnswer) {
    drill_->hear(config(1, {"identity", "network"}));
    while (!drill_->cue("network")) std::this_thread::yield();
    ASSERT_TRUE(drill_->looked("network"));
    ASSERT_TRUE(drill_->looked("identity"));
    ASSERT_TRUE(await_course(4));
    EXPECT_EQ(course(), (Course{"begun", "answered network failed look_failed", "answered identity proven", "ended"}));
}

TEST_F(Drills, GivenTheSameOrALowerVersionThenItDoesNothingEvenAfterARestart) {
    drill_->hear(config(5, {}));
    ASSERT_TRUE(await_course(2));
    drill_->hear(config(5, {}));
    drill_->hear(config(4, {}));
    begin_anew();
    drill_->hear(config(5, {}));
    drill_->hear(config(6, {}));
    ASSERT_TRUE(await_course(4));
    EXPECT_EQ(witness_.of("agent.drill").back().drill, std::string(32, '6'));
}

TEST_F(Drills, GivenAnOrderThatIsOverOrFarAheadThenItIsRefusedWithoutAMark) {
    auto late = config(1, {"identity"});
    late.drill->ends_at = clock_.now();
    drill_->hear(late);
    auto early = config(2, {"identity"});
    early.drill->begins_at = clock_.now() + std::chrono::minutes(6);
    drill_->hear(early);
    EXPECT_EQ(course(), (Course{"refused over", "refused not_yet"}));
    EXPECT_FALSE(witness_.of("agent.drill").front().drill);
    EXPECT_FALSE(drill_->cue("identity"));
}

TEST_F(Drills, GivenAVersionThatCannotBeKeptThenNothingIsBegun) {
    drill_ = std::make_unique<Drill>(
        agent::DrillOptions{folder_ / "missing" / "config.seen", [this] { return status_; }, [](const std::string&) {}},
        witness_, clock_);
    drill_->hear(config(1, {"identity"}));
    drill_->stop();
    EXPECT_EQ(course(), Course{});
}

TEST_F(Drills, GivenADrillWhenAnotherIsOrderedThenTheFirstEnds) {
    drill_->hear(config(1, {"identity"}));
    while (!drill_->cue("identity")) std::this_thread::yield();
    drill_->hear(config(2, {"identity"}));
    while (!drill_->cue("identity") || drill_->cue("identity")->nonce.front() != '2') std::this_thread::yield();
    drill_->stop();
    EXPECT_EQ(course(), (Course{"begun", "ended", "begun", "ended"}));
}

TEST_F(Drills, GivenASensorThatSleepsWhenADrillBeginsThenItIsWoken) {
    const auto cued = drill_->next();
    std::stop_source own;
    const agent::EitherStop either(own.get_token(), cued);
    drill_->hear(config(1, {"identity"}));
    while (!either.token().stop_requested()) std::this_thread::yield();
    EXPECT_TRUE(drill_->cue("identity"));
    EXPECT_FALSE(own.stop_requested());
}

}  // namespace
}  // namespace sallyport::testing
