// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/logon_watch.hpp"

#include <cstring>

#include "agent/sensors/login_records.hpp"
#include "tests/agent/sensors/host/watch_stage.hpp"
#include "tests/agent/sensors/login_file.hpp"

namespace sallyport::testing {
namespace {

class Logons : public WatchStage {
protected:
    Logons() {
        machine_.write("etc/passwd", "root:x:0:0::/root:/bin/sh\nop1:x:1001:1001::/home/op1:/bin/sh\n");
        start();
    }
    void start() {
        watch_ = agent::make_logon_watch({.memory_file = memory_ / "logons.memory", .root = machine_.root()});
    }
    void refuse(const std::string& user, std::int64_t second, const std::string& line = "tty1", const std::string& host = "") {
        file_ += login_record(6, line, user, host, second);
        machine_.write("var/log/btmp", file_);
    }

    TemporaryFolder memory_;
    std::string file_;
};

TEST_F(Logons, GivenRefusalsOfBeforeWhenItStartsForTheFirstTimeThenOnlyLaterOnesAreTold) {
    refuse("op1", 1000);
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.seen().empty());
    refuse("op1", 2000);
    ASSERT_TRUE(look());
    const auto seen = witness_.of("session.logon");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(write_json(seen[0].body), R"({"kind":"console","method":"unknown","failure_reason":"authentication"})");
    EXPECT_EQ(seen[0].outcome, EventOutcome::failure);
    EXPECT_EQ(seen[0].operator_account, "op1");
    EXPECT_EQ(seen[0].occurred_at, WallTime(std::chrono::milliseconds(2'000'000)));
    EXPECT_TRUE(followed_.files.contains(path("var/log/btmp")));
    EXPECT_TRUE(watch_->is_stirred_by({agent::Stir::Kind::file, path("var/log/btmp")}));
}

TEST_F(Logons, GivenAPasswordTypedInThePlaceOfTheNameThenItGoesNowhere) {
    machine_.write("var/log/btmp", "");
    ASSERT_TRUE(look());
    refuse("Hunter2!secret", 2000, "ssh:notty", "10.1.2.3");
    ASSERT_TRUE(look());
    const auto seen = witness_.of("session.logon");
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_FALSE(seen[0].operator_account);
    EXPECT_EQ(write_json(seen[0].body), R"({"kind":"remote","method":"unknown","failure_reason":"unknown_account"})");
    EXPECT_EQ(witness_.listing().find("Hunter2"), std::string::npos);
}

TEST_F(Logons, GivenRefusalsWhileTheAgentWasDownOrTheFileWasTurnedOverThenEachIsToldOnce) {
    refuse("op1", 1000);
    ASSERT_TRUE(look());
    refuse("op1", 2000);
    start();
    ASSERT_TRUE(look());
    EXPECT_EQ(told("session.logon").size(), 1U);
    file_.clear();
    refuse("root", 3000);
    ASSERT_TRUE(look());
    ASSERT_TRUE(look());
    EXPECT_EQ(told("session.logon").size(), 1U);
}

TEST_F(Logons, GivenAFloodThenTheNewestAreToldAndTheOthersCounted) {
    machine_.write("var/log/btmp", "");
    ASSERT_TRUE(look());
    for (std::int64_t second = 1; second <= 130; ++second)
        file_ += login_record(6, "ssh:notty", "op1", "10.1.2.3", second + 1000);
    machine_.write("var/log/btmp", file_);
    ASSERT_TRUE(look());
    const auto gaps = witness_.of("agent.gap");
    ASSERT_EQ(gaps.size(), 1U);
    EXPECT_EQ(integer_of(gaps[0].body, "missed"), 30);
    EXPECT_EQ(told("session.logon").size(), 100U);
}

TEST_F(Logons, GivenNoRecordOrAGreeterThatKeepsNoneThenThatIsSaid) {
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("failed_logons", SensorState::absent, "no_record_of_failures"));
    machine_.write("var/log/btmp", "");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("failed_logons", SensorState::ok));
    machine_.write("etc/pam.d/gdm-password", "");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("failed_logons", SensorState::degraded, "greeter_keeps_no_record"));
}

}  // namespace
}  // namespace sallyport::testing
