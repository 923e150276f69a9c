// SPDX-License-Identifier: Apache-2.0
//
// The print sensor on a real CUPS server with queues of its own.
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/sensors/print/cups_queue.hpp"
#include "agent/sensors/print/print_sensor.hpp"
#include "agent/sensors/print/printer_identity.hpp"
#include "tests/support/cupsd/private_cupsd.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport {
namespace {

using agent::identify_printer;
using agent::make_print_sensor;
using agent::Observation;
using testing::PrivateCupsd;
using testing::RunningSensor;
using testing::Witness;

constexpr const char* kFront = "socket://10.9.8.7:9100";

class PrintOnCups : public ::testing::Test {
protected:
    void SetUp() override {
        if (!cupsd_.is_ready())
            GTEST_SKIP() << "SKIPPED: no private CUPS server (cups, cups-client) on this machine";
        cupsd_.tell(std::string("queue front ") + kFront);
    }
    std::unique_ptr<RunningSensor> make_sensor(const std::string& server) {
        return std::make_unique<RunningSensor>(
            make_print_sensor({.server = server,
                               .memory_file = cupsd_.directory() / "memory.json",
                               .quiet_pause = std::chrono::milliseconds(300)}),
            witness_);
    }
    void start() {
        sensor_ = make_sensor(cupsd_.server());
        sensor_->start();
        witness_.await_health("print", SensorState::ok);
    }
    void stop() { EXPECT_TRUE(sensor_->stop()); }
    // The print.job observations of one job, in order, as `state state ...`.
    std::string states_of(const std::string& job) {
        std::string states;
        for (const auto& one : witness_.of("print.job"))
            if (text_of(one.body, "job_id") == job)
                states += (states.empty() ? "" : " ") + std::string(text_of(one.body, "state"));
        return states;
    }

    PrivateCupsd cupsd_;
    Witness witness_;
    std::unique_ptr<RunningSensor> sensor_;
};

TEST_F(PrintOnCups, GivenAJobWhenItIsPrintedThenItIsSubmittedAndCompletedWithPagesTimesCopies) {
    start();
    cupsd_.tell("print front op1 3 2 anything");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(states_of("1"), "submitted completed");
    EXPECT_EQ(text_of(done->body, "printer_id"), "front");
    EXPECT_EQ(text_of(done->body, "printer_hash"), identify_printer("front", kFront).hash);
    EXPECT_EQ(text_of(done->body, "printer_kind"), "network");
    EXPECT_EQ(integer_of(done->body, "pages"), 6);
    EXPECT_EQ(integer_of(done->body, "copies"), 2);
    EXPECT_EQ(integer_of(done->body, "bytes"), 1024);
    EXPECT_EQ(done->operator_account, "op1");
    ASSERT_TRUE(done->occurred_at);
    EXPECT_LT(std::chrono::abs(*done->occurred_at - LinuxClock().now()), std::chrono::seconds(30));
}

TEST_F(PrintOnCups, GivenAHeldJobWhenItIsReleasedThenThatIsToldBetweenSubmittedAndCompleted) {
    start();
    cupsd_.tell("print front op1 1 1 hold");
    witness_.await("print.job", "state", "submitted");
    cupsd_.tell("release 1");
    witness_.await("print.job", "state", "completed");
    EXPECT_EQ(states_of("1"), "submitted released completed");
}

TEST_F(PrintOnCups, GivenJobsWhenTheyAreCancelledOrFailThenTheyEndAsSuch) {
    cupsd_.tell("queue slow socket://10.9.8.8?hang");
    cupsd_.tell("queue broken usb://Lab/Printer?fail");
    start();
    cupsd_.tell("print slow op1 1 1");
    cupsd_.tell("print broken op2 1 1");
    witness_.await("print.job", "state", "failed");
    cupsd_.tell("cancel 1");
    witness_.await("print.job", "state", "cancelled");
    EXPECT_EQ(states_of("1"), "submitted cancelled");
    EXPECT_EQ(states_of("2"), "submitted failed");
}

TEST_F(PrintOnCups, GivenTheAgentIsDownWhenAJobComesAndGoesThenItIsStillReportedWithItsTimes) {
    start();
    cupsd_.tell("print front op1 1 1");
    witness_.await("print.job", "state", "completed");
    stop();
    witness_.forget();
    cupsd_.tell("print front op7 2 1");
    cupsd_.tell("wait 2 completed");
    const WallTime after = LinuxClock().now();

    start();  // a new sensor: only the memory file links it to the one before
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(states_of("1"), "") << "reported once";
    EXPECT_EQ(states_of("2"), "submitted completed");
    EXPECT_EQ(done->operator_account, "op7");
    EXPECT_EQ(integer_of(done->body, "pages"), 2);
    EXPECT_LE(*done->occurred_at, after);
}

TEST_F(PrintOnCups, GivenCupsdIsKilledWhenItReturnsThenNothingIsLostOrDoubled) {
    cupsd_.tell("queue slow socket://10.9.8.8?hang");
    start();
    cupsd_.tell("print front op1 1 1");
    cupsd_.tell("print slow op1 1 1");
    witness_.await("print.job", "state", "completed");
    cupsd_.tell("kill");
    witness_.await_health("print", SensorState::absent, "no_cups");
    cupsd_.tell("start");
    cupsd_.tell("print front op2 4 1");
    cupsd_.tell("wait 3 completed");
    cupsd_.tell("cancel 2");
    witness_.await_health("print", SensorState::ok);
    witness_.await("print.job", "state", "cancelled");
    witness_.await_count("print.job", 6);
    EXPECT_EQ(states_of("1"), "submitted completed");
    EXPECT_EQ(states_of("2"), "submitted cancelled");
    EXPECT_EQ(states_of("3"), "submitted completed");
    EXPECT_TRUE(witness_.of("agent.gap").empty()) << witness_.listing();
}

TEST_F(PrintOnCups, GivenNoPrintServerWhenTheSensorRunsThenItIsAbsentAndFindsItLater) {
    cupsd_.tell("kill");
    sensor_ = make_sensor(cupsd_.server());
    sensor_->start();
    witness_.await_health("print", SensorState::absent, "no_cups");
    cupsd_.tell("start");
    witness_.await_health("print", SensorState::ok);
}

TEST_F(PrintOnCups, GivenAJobIsPurgedUnseenWhenTheNextComesThenTheGapIsANumber) {
    start();
    cupsd_.tell("print front op1 1 1");
    witness_.await("print.job", "state", "completed");
    stop();
    for (const char* job : {"2", "3"}) {
        cupsd_.tell("print front op1 1 1");
        cupsd_.tell(std::string("wait ") + job + " completed");
    }
    cupsd_.tell("purge front");
    cupsd_.tell("print front op1 1 1");
    cupsd_.tell("wait 4 completed");
    sensor_->start();
    const auto gap = witness_.await("agent.gap", "reason", "job_history_missing");
    ASSERT_TRUE(gap);
    EXPECT_EQ(integer_of(gap->body, "missed"), 2);
    witness_.await("print.job", "job_id", "4");
}

TEST_F(PrintOnCups, GivenAnOpenJobWhenItsTraceIsWipedThenItIsAGap) {
    cupsd_.tell("queue slow socket://10.9.8.8?hang");
    start();
    cupsd_.tell("print slow op1 1 1");
    witness_.await("print.job", "state", "submitted");
    stop();
    cupsd_.tell("cancel 1");
    cupsd_.tell("wait 1 completed");
    cupsd_.tell("purge slow");
    sensor_->start();
    const auto gap = witness_.await("agent.gap", "reason", "job_vanished");
    ASSERT_TRUE(gap);
    EXPECT_EQ(integer_of(gap->body, "missed"), 1);
    witness_.await_health("print", SensorState::degraded, "job_history_missing");
}

TEST_F(PrintOnCups, GivenAServerThatCountsFromOneAgainWhenJobsHideBehindOldNumbersThenTheyAreFound) {
    start();
    for (int i = 0; i < 3; ++i)
        cupsd_.tell("print front op1 1 1");
    witness_.await_count("print.job", 6);
    stop();
    witness_.forget();
    cupsd_.tell("wipe");
    cupsd_.tell("start");
    cupsd_.tell("wait-second");  // CUPS counts time in seconds
    cupsd_.tell("print front op9 5 1");
    cupsd_.tell("wait 1 completed");
    sensor_->start();
    witness_.await("agent.gap", "reason", "job_numbers_restarted");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(done->operator_account, "op9");
}

TEST_F(PrintOnCups, GivenPrintersWhenTheyAreAddedMovedMadeDefaultAndRemovedThenEachIsAChange) {
    start();
    EXPECT_TRUE(witness_.of("printer.change").empty()) << "those of before are nobody's news";
    cupsd_.tell("queue back cups-pdf:/");
    const auto added = witness_.await("printer.change", "action", "added");
    ASSERT_TRUE(added);
    EXPECT_EQ(text_of(added->body, "printer_id"), "back");
    EXPECT_EQ(text_of(added->body, "printer_kind"), "virtual");
    cupsd_.tell("queue back usb://Lab/Printer");
    const auto moved = witness_.await("printer.change", "action", "port_changed");
    ASSERT_TRUE(moved);
    EXPECT_EQ(text_of(moved->body, "printer_kind"), "local");
    cupsd_.tell("default back");
    witness_.await("printer.change", "action", "default_changed");
    cupsd_.tell("remove-queue back");
    const auto removed = witness_.await("printer.change", "action", "removed");
    ASSERT_TRUE(removed);
    EXPECT_EQ(text_of(removed->body, "printer_hash"), text_of(moved->body, "printer_hash"));
}

TEST_F(PrintOnCups, GivenAPrinterThatComesAndGoesBetweenTwoLooksWhenTheSensorLooksThenBothAreTold) {
    start();
    cupsd_.tell("queue ghost socket://203.0.113.9");
    cupsd_.tell("print ghost op1 1 1");
    cupsd_.tell("remove-queue ghost");
    const auto removed = witness_.await("printer.change", "action", "removed");
    ASSERT_TRUE(removed);
    EXPECT_EQ(text_of(removed->body, "printer_id"), "ghost");
    witness_.await("printer.change", "action", "added");
}

TEST_F(PrintOnCups, GivenAServerThatHidesAccountsWhenAJobComesThenTheSensorIsDegradedAndSaysSo) {
    cupsd_.tell("hide");
    cupsd_.tell("kill");
    cupsd_.tell("start");
    start();
    cupsd_.tell("print front op1 1 1");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(done->operator_account, std::nullopt);
    witness_.await_health("print", SensorState::degraded, "accounts_hidden");
}

TEST_F(PrintOnCups, GivenAQueueNameBeyondAsciiWhenItPrintsThenItsPrinterIsKnownByItsHash) {
    cupsd_.tell("queue B\xc3\xbcro usb://Lab/Printer");
    start();
    cupsd_.tell("print B\xc3\xbcro op1 1 1");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->body.contains("printer_id"));
    EXPECT_EQ(text_of(done->body, "printer_kind"), "local");
}

// Dictionary section 2: print job titles, document and file names are forbidden data.
TEST_F(PrintOnCups, GivenHostileTitlesWhenTheyArePrintedThenTheyAreNeitherAskedForNorReceivedNorEmitted) {
    for (const std::string attribute : agent::requested_job_attributes()) {
        EXPECT_EQ(attribute.find("name"),
                  attribute == "job-originating-user-name" ? 16 + 5 : std::string::npos);
        EXPECT_EQ(attribute.find("document"), std::string::npos);
    }
    const std::string relay = cupsd_.tell("relay");
    sensor_ = make_sensor(relay);
    sensor_->start();
    witness_.await_health("print", SensorState::ok);
    cupsd_.tell("queue other ipp://10.1.1.1/ipp/print");
    cupsd_.tell("print front op1 1 1 CDL-N1234567-SECRET \"}],\\u0000");
    cupsd_.tell("print other op1 1 1 hold CDL-N1234567-SECRET");
    cupsd_.tell("release 2");
    witness_.await("print.job", "state", "completed");
    witness_.await("print.job", "job_id", "2");
    stop();
    EXPECT_EQ(witness_.listing().find("SECRET"), std::string::npos) << witness_.listing();
    EXPECT_EQ(cupsd_.tell("relayed SECRET"), "0");
    EXPECT_EQ(cupsd_.tell("relayed job-name"), "0");
    EXPECT_NE(cupsd_.tell("relayed job-originating-user-name"), "0") << "the relay saw the conversation";
}

TEST_F(PrintOnCups, GivenAServerThatHangsWhenAskedToStopThenTheSensorStopsWithinASecond) {
    start();
    cupsd_.tell("queue slow socket://10.9.8.8?hang");
    cupsd_.tell("print slow op1 1 1");
    witness_.await("print.job", "state", "submitted");
    cupsd_.tell("pause");
    cupsd_.tell("wait-asked");  // somebody waits in vain
    stop();
    cupsd_.tell("continue");
}

TEST_F(PrintOnCups, GivenTheSinkFailsWhenAJobIsSeenThenItIsReportedAgainLater) {
    start();
    witness_.refuse(true);
    cupsd_.tell("print front op1 1 1");
    EXPECT_EQ(sensor_->join().error().code(), Errc::io);
    witness_.refuse(false);
    sensor_->start();
    witness_.await("print.job", "state", "completed");
    EXPECT_EQ(states_of("1"), "submitted completed");
}

}  // namespace
}  // namespace sallyport
