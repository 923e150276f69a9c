// SPDX-License-Identifier: Apache-2.0
//
// What a drill is ordered with, and what is refused before it is.
#include "collector/store/drill_repository.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport {
namespace {

class DrillCommand : public testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(2);
        make_request("t1", "T-1");
        ASSERT_EQ(enrol("T-1", "t1").code, 0);
    }
    void register_stick(const std::string& id, const std::string& status, const std::string& kind = "usb_storage") {
        write("media.csv",
              "media_id,label,kind,vid,pid,serial_hash,owner,ownership,purpose,terminals_allowed,valid_from,valid_to,status\n" + id +
                  ",drill," + kind + ",0781,5581," + std::string(63, 'a') + id.back() +
                  ",OP-1,agency,drills,any_terminal,2026-01-01,2099-12-31," + status + "\n");
        done("media import media.csv");
    }
    store::Drill last() {
        auto database = *Database::open(path("store.db"));
        return store::list_drills(database, "", 1, LinuxClock().now())->at(0);
    }
};

TEST_F(DrillCommand, GivenATerminalWhenADrillIsOrderedThenItStandsInTheStoreAndTheAuditLogHasWhoAndWhy) {
    register_stick("M-1", "issued");
    const auto ran = done("drill T-1 --stick M-1 --reason 'first of the month'");
    EXPECT_NE(ran.err.find("plug in M-1"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find("waiting"), std::string::npos) << ran.out;
    const store::Drill drill = last();
    EXPECT_EQ(drill.terminal_id + " " + drill.ori + " " + drill.ordered_by, "T-1 CA0010000 tester");
    EXPECT_EQ(drill.order.sensors.size(), drill_sensors().size());
    ASSERT_TRUE(drill.order.stick);
    EXPECT_EQ(drill.order.stick->vid, "0781");
    EXPECT_EQ(drill.order.ends_at - drill.order.begins_at, kDrillLongest);
    const auto audit = shell("sqlite3 store.db \"SELECT actor, purpose, object_id FROM audit WHERE action = 'drill.order'\"");
    if (audit.code == 0) { EXPECT_EQ(audit.out, "tester|first of the month|T-1\n"); }
    EXPECT_NE(done("drill list").out.find("first of the month"), std::string::npos);
    EXPECT_NE(done("drill list --json").out.find("\"answers\""), std::string::npos);
}

TEST_F(DrillCommand, GivenSensorsThenOnlyThoseAreAskedAndAnUnknownOneIsAWrongCall) {
    done("drill T-1 --sensors print,session --minutes 1");
    EXPECT_EQ(last().order.sensors, (std::vector<std::string>{"print", "session"}));
    EXPECT_EQ(ctl("drill T-1 --sensors keyboard").code, 2);
    EXPECT_EQ(ctl("drill T-1 --minutes 16").code, 2);
    EXPECT_EQ(ctl("drill").code, 2);
    EXPECT_EQ(ctl("drill --help").code, 0);
}

TEST_F(DrillCommand, GivenADrillThatRunsOrATerminalThatCannotHearThenItIsRefused) {
    done("drill T-1");
    EXPECT_NE(ctl("drill T-1").err.find("one runs until"), std::string::npos);
    EXPECT_NE(ctl("drill T-2").err.find("it is not enrolled"), std::string::npos);
    EXPECT_EQ(ctl("drill T-9").code, 2);
}

TEST_F(DrillCommand, GivenAStickThatIsNotIssuedByTheAgencyThenItIsRefused) {
    register_stick("M-2", "lost");
    register_stick("M-3", "issued", "external_disk");
    for (const char* stick : {"M-2", "M-3"}) {
        const auto ran = ctl(std::string("drill T-1 --stick ") + stick);
        EXPECT_EQ(ran.code, 1);
        EXPECT_NE(ran.err.find("is no issued USB stick of the agency"), std::string::npos) << ran.err;
    }
    EXPECT_EQ(ctl("drill T-1 --stick M-9").code, 2);
    EXPECT_EQ(done("drill list --json").out.find("nonce"), std::string::npos);
}

}  // namespace
}  // namespace sallyport
