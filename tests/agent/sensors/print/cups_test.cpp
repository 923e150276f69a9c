// SPDX-License-Identifier: Apache-2.0
//
// The print sensor on a real CUPS server with queues of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "agent/sensors/print/cups_queue.hpp"
#include "agent/sensors/print/print_sensor.hpp"
#include "agent/sensors/print/printer_identity.hpp"
#include "tests/support/cued_drill.hpp"
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
                               .spool = spool_,
                               .settings = cupsd_.directory() / "etc",
                               .devices = devices_,
                               .look_every = look_every_,
                               .look_at_least_every = look_at_least_every_}),
            witness_, nullptr, drill_);
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
    testing::CuedDrill drill_;
    std::filesystem::path spool_ = cupsd_.directory() / "spool";
    std::filesystem::path devices_;
    std::chrono::milliseconds look_every_{300};
    std::chrono::milliseconds look_at_least_every_{300};
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

// --- what wakes it

// An hour between two looks: nothing is seen in time but by a sign.
class PrintBySigns : public PrintOnCups {
protected:
    PrintBySigns() { look_every_ = look_at_least_every_ = std::chrono::hours(1); }
};

TEST_F(PrintBySigns, GivenNobodyLooksWhenAJobComesAndEndsThenItsFilesInTheSpoolAreTheSign) {
    cupsd_.tell("queue slow socket://10.9.8.8?hang");
    start();
    cupsd_.tell("print slow op1 1 1 hold");
    witness_.await("print.job", "state", "submitted");
    cupsd_.tell("cancel 1");
    witness_.await("print.job", "state", "cancelled");
}

TEST_F(PrintBySigns, GivenNobodyLooksWhenAPrinterIsAddedThenCupsdsListOfPrintersIsTheSign) {
    start();
    cupsd_.tell("queue back cups-pdf:/");
    const auto added = witness_.await("printer.change", "action", "added");
    ASSERT_TRUE(added);
    EXPECT_EQ(text_of(added->body, "printer_kind"), "virtual");
}

TEST_F(PrintBySigns, GivenNobodyLooksWhenTheSpoolIsReplacedThenJobsStillGiveSigns) {
    cupsd_.tell("kill");
    cupsd_.tell("wipe");
    cupsd_.tell("start");
    start();
    cupsd_.tell("print front op1 1 1");
    witness_.await("print.job", "state", "submitted");
}

TEST_F(PrintOnCups, GivenASpoolThatCannotBeWatchedWhenAJobComesThenItIsFoundByLookingAndTheSensorSaysSo) {
    spool_ = cupsd_.directory() / "elsewhere";
    sensor_ = make_sensor(cupsd_.server());
    sensor_->start();
    witness_.await_health("print", SensorState::ok, "spool_not_watched");
    cupsd_.tell("print front op1 1 1");
    witness_.await("print.job", "state", "completed");
    std::filesystem::create_directory(spool_);
    cupsd_.tell("print front op1 1 1");
    witness_.await_health("print", SensorState::ok, "");
}

// --- pages (anchors C4)

TEST_F(PrintOnCups, GivenAClientThatDeclaresOtherPagesWhenItPrintsThenClaimedAndConfirmedStandSideBySide) {
    start();
    cupsd_.tell("declare front op1 3 2");
    const auto submitted = witness_.await("print.job", "state", "submitted");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(submitted && done);
    EXPECT_EQ(integer_of(submitted->body, "pages_claimed"), 8) << "as declared, times copies";
    EXPECT_EQ(integer_of(done->body, "pages_claimed"), 8);
    EXPECT_EQ(integer_of(done->body, "pages_confirmed"), 6) << "as accounted";
    EXPECT_EQ(integer_of(done->body, "pages"), 6);
    EXPECT_EQ(text_of(done->body, "pages_source"), "accounted");
}

TEST_F(PrintOnCups, GivenABackendThatAccountsNothingWhenTheClientDeclaredPagesThenTheyAreClaimedOnly) {
    cupsd_.tell("queue mute socket://10.9.8.9?silent");
    start();
    cupsd_.tell("declare mute op1 3 2");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(integer_of(done->body, "pages"), 8);
    EXPECT_FALSE(done->body.contains("pages_confirmed"));
    EXPECT_EQ(text_of(done->body, "pages_source"), "declared");
}

TEST_F(PrintOnCups, GivenNoPageLineAtAllWhenAJobIsPrintedThenItIsAnEventWithoutPagesRatherThanWithNone) {
    cupsd_.tell("queue mute socket://10.9.8.9?silent");
    start();
    cupsd_.tell("print mute op1 3 2");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(states_of("1"), "submitted completed");
    for (const auto* field : {"pages", "pages_claimed", "pages_confirmed", "sheets"})
        EXPECT_FALSE(done->body.contains(field)) << field;
    EXPECT_EQ(text_of(done->body, "pages_source"), "none");
    EXPECT_EQ(integer_of(done->body, "copies"), 2);
}

TEST_F(PrintOnCups, GivenSeveralPagesOnASideWhenTheyArePrintedOnBothThenSheetsSidesAndCopiesAreApart) {
    start();
    cupsd_.tell("print front op1 6 2 up=4 sides=two-sided-long-edge");
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    EXPECT_EQ(integer_of(done->body, "pages_confirmed"), 12) << "sides, both copies";
    EXPECT_EQ(integer_of(done->body, "sheets"), 6);
    EXPECT_EQ(integer_of(done->body, "sides"), 2);
    EXPECT_EQ(integer_of(done->body, "pages_per_side"), 4);
    EXPECT_EQ(integer_of(done->body, "copies"), 2);
    EXPECT_EQ(text_of(done->body, "way"), "queue");
}

// --- past the server

class PrintToNode : public PrintOnCups {
protected:
    void SetUp() override {
        PrintOnCups::SetUp();
        devices_ = cupsd_.directory() / "dev";
        std::filesystem::create_directories(devices_);
    }
    std::filesystem::path plug(const std::string& node) {
        std::filesystem::create_directories((devices_ / node).parent_path());
        std::ofstream(devices_ / node).flush();
        return devices_ / node;
    }
    // Until the sensor is sure to have seen what was done before: notices come in order.
    void await_notices() {
        cupsd_.tell("print front op1 1 1");
        witness_.await("print.job", "printer_id", "front");
    }
};

TEST_F(PrintToNode, GivenAPrintersNodeWhenSomebodyWritesToItThenThatIsAPrintOfUnknownSize) {
    const auto node = plug("usb/lp0");
    start();
    {
        std::ofstream out(node, std::ios::binary);
        (out << "%!PS").flush();
        witness_.await("print.job", "way", "device_node");
    }
    const auto done = witness_.await("print.job", "state", "completed");
    ASSERT_TRUE(done);
    const auto told = witness_.of("print.job");
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(text_of(told[0].body, "state"), "submitted");
    EXPECT_EQ(text_of(told[0].body, "job_id"), text_of(done->body, "job_id"));
    EXPECT_EQ(text_of(done->body, "printer_kind"), "local");
    EXPECT_EQ(text_of(done->body, "pages_source"), "none");
    for (const auto* field : {"pages", "bytes", "copies", "printer_id"})
        EXPECT_FALSE(done->body.contains(field)) << field;
}

TEST_F(PrintToNode, GivenANodeThatIsOnlyReadOrOpenedWhenThatIsOverThenNothingIsTold) {
    const auto node = plug("lp1");
    start();
    std::ifstream(node).get();
    std::ofstream(node, std::ios::app).flush();
    await_notices();
    for (const auto& one : witness_.of("print.job"))
        EXPECT_EQ(text_of(one.body, "way"), "queue");
}

TEST_F(PrintToNode, GivenAPrinterThatIsPluggedLaterWhenItsNodeIsWrittenToThenThatIsTold) {
    start();
    const auto node = plug("usb/lp3");
    await_notices();
    std::ofstream(node) << "x";
    const auto done = witness_.await("print.job", "way", "device_node");
    ASSERT_TRUE(done);
    EXPECT_TRUE(text_of(done->body, "job_id").starts_with("usb-lp3-"));
}

// --- cupsd's own settings

TEST_F(PrintOnCups, GivenCupsdsSettingsWhenTheSensorStartsAndOneIsChangedThenBothAreTold) {
    start();
    const auto first = witness_.await("policy.setting", "name", "print_history");
    ASSERT_TRUE(first);
    EXPECT_EQ(text_of(first->body, "value"), "500");
    EXPECT_EQ(text_of(first->body, "compliant"), "yes");
    EXPECT_EQ(first->occurred_at, std::nullopt) << "nobody knows since when";
    witness_.await_count("policy.setting", 4);
    std::ofstream(cupsd_.directory() / "etc/cupsd.conf", std::ios::app) << "PreserveJobHistory No\n";
    const auto drifted = witness_.await("policy.setting", "value", "off");
    ASSERT_TRUE(drifted);
    EXPECT_EQ(text_of(drifted->body, "name"), "print_history");
    EXPECT_EQ(text_of(drifted->body, "previous"), "500");
    EXPECT_EQ(text_of(drifted->body, "compliant"), "no");
    EXPECT_EQ(witness_.of("policy.setting").size(), 5U) << witness_.listing();
}

TEST_F(PrintOnCups, GivenSettingsThatCannotBeReadWhenTheSensorStartsThenTheyAreUnknownRatherThanWell) {
    std::filesystem::remove(cupsd_.directory() / "etc/cupsd.conf");
    start();
    witness_.await_count("policy.setting", 4);
    for (const auto& one : witness_.of("policy.setting"))
        EXPECT_EQ(text_of(one.body, "compliant"), "unknown");
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

// --- drill

TEST_F(PrintOnCups, GivenADrillWhenItBeginsThenAnEmptyJobIsMadeSeenAndCancelledAndNothingIsPrinted) {
    look_at_least_every_ = std::chrono::minutes(1);  // the drill wakes it
    start();
    cupsd_.tell("print front op1 1 1");
    ASSERT_TRUE(witness_.await("print.job", "state", "completed"));
    drill_.begin({"print"});
    ASSERT_TRUE(witness_.await("print.job", "state", "cancelled"));
    EXPECT_EQ(states_of("2"), "submitted cancelled");
    for (const Observation& job : witness_.of("print.job")) {
        const bool test = text_of(job.body, "job_id") == "2";
        EXPECT_EQ(job.drill, test ? std::optional(std::string(32, 'd')) : std::nullopt);
        if (!test) continue;
        EXPECT_EQ(integer_of(job.body, "bytes"), 0);
        EXPECT_FALSE(job.body.contains("pages"));
        EXPECT_EQ(text_of(job.body, "printer_id"), "front");
    }
    while (drill_.answers().empty()) std::this_thread::yield();
    EXPECT_EQ(drill_.answers(), (std::map<std::string, std::string>{{"print", "done"}}));
    // What is printed afterwards is real again.
    cupsd_.tell("print front op1 1 1");
    while (states_of("3") != "submitted completed") std::this_thread::yield();
    EXPECT_EQ(witness_.of("print.job").back().drill, std::nullopt);
}

}  // namespace
}  // namespace sallyport
