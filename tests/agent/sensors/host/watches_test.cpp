// SPDX-License-Identifier: Apache-2.0
//
// The small watches on recorded machines.
#include "agent/sensors/host/capture_watch.hpp"
#include "agent/sensors/host/chassis_watch.hpp"
#include "agent/sensors/host/display_watch.hpp"
#include "agent/sensors/host/settings_watch.hpp"
#include "tests/agent/sensors/host/watch_stage.hpp"

namespace sallyport::testing {
namespace {

using agent::Stir;

// --- chassis -----------------------------------------------------------------------------------------------------

class Chassis : public WatchStage {
protected:
    Chassis() { watch_ = agent::make_chassis_watch(machine_.root()); }
};

TEST_F(Chassis, GivenALatchWhenTheCaseIsOpenedAndResetThenEachIsToldOnceAndTheFirstStateWithAnUnknownTime) {
    machine_.write("sys/class/hwmon/hwmon2/intrusion0_alarm", "0\n");
    ASSERT_TRUE(look());
    EXPECT_FALSE(witness_.of("device.chassis").at(0).occurred_at);
    EXPECT_EQ(told("device.chassis"), Bodies{R"({"state":"closed"})"});
    EXPECT_EQ(watch_->looks_every(), std::chrono::minutes(1));
    machine_.write("sys/class/hwmon/hwmon2/intrusion0_alarm", "1\n");
    ASSERT_TRUE(look());
    ASSERT_TRUE(look());
    EXPECT_EQ(witness_.of("device.chassis").at(0).occurred_at, clock_.now());
    EXPECT_EQ(told("device.chassis"), Bodies{R"({"state":"open"})"});
    machine_.write("sys/class/hwmon/hwmon2/intrusion0_alarm", "0\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.chassis"), Bodies{R"({"state":"closed"})"});
    EXPECT_TRUE(witness_.await_health("chassis", SensorState::ok));
}

TEST_F(Chassis, GivenNoLatchThenTheSensorIsAbsentAndNothingIsToldOfTheCase) {
    machine_.write("sys/class/hwmon/hwmon0/temp1_input", "40000\n");
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("chassis", SensorState::absent, "no_intrusion_latch"));
    EXPECT_TRUE(witness_.seen().empty());
    EXPECT_EQ(watch_->looks_every(), std::chrono::hours(24));
}

TEST_F(Chassis, GivenASinkThatRefusesThenItIsToldAgain) {
    machine_.write("sys/class/hwmon/hwmon2/intrusion0_alarm", "1\n");
    witness_.refuse(true);
    EXPECT_FALSE(look());
    witness_.refuse(false);
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.chassis"), Bodies{R"({"state":"open"})"});
}

// --- displays ----------------------------------------------------------------------------------------------------

class Display : public WatchStage {
protected:
    Display() { watch_ = agent::make_display_watch(machine_.root()); }
    void connector(const std::string& name, bool connected) {
        machine_.write("sys/class/drm/" + name + "/status", connected ? "connected\n" : "disconnected\n");
    }
};

TEST_F(Display, GivenAPanelAndAMonitorWhenAnotherIsAttachedAndTakenAwayThenEachIsToldWithTheCount) {
    connector("card0-eDP-1", true);
    connector("card0-HDMI-A-1", false);
    connector("card0-DP-2", false);
    ASSERT_TRUE(look());
    EXPECT_FALSE(witness_.of("display.change").at(0).occurred_at);
    EXPECT_EQ(told("display.change"), Bodies{R"({"action":"attached","count":1})"});
    connector("card0-HDMI-A-1", true);
    ASSERT_TRUE(look());
    EXPECT_EQ(witness_.of("display.change").at(0).occurred_at, clock_.now());
    EXPECT_EQ(told("display.change"), Bodies{R"({"action":"attached","count":2,"external_kind":"hdmi_a"})"});
    connector("card0-HDMI-A-1", false);
    connector("card0-DP-2", true);
    ASSERT_TRUE(look());
    EXPECT_EQ(told("display.change"), (Bodies{R"({"action":"detached","count":2,"external_kind":"hdmi_a"})",
                                              R"({"action":"attached","count":2,"external_kind":"dp"})"}));
    EXPECT_TRUE(watch_->is_stirred_by({Stir::Kind::device, "drm"}));
    EXPECT_FALSE(watch_->is_stirred_by({Stir::Kind::device, "usb"}));
}

TEST_F(Display, GivenWhatOnlyTheDesktopKnowsThenThatSensorIsAbsentAndNeverWell) {
    connector("card0-HDMI-A-1", true);
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("display", SensorState::ok));
    EXPECT_TRUE(witness_.await_health("display_layout", SensorState::absent, "desktop_does_not_tell"));
}

TEST_F(Display, GivenNoConnectorThenTheSensorIsAbsent) {
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.await_health("display", SensorState::absent, "no_connector"));
    EXPECT_TRUE(witness_.seen().empty());
}

// --- remote view -------------------------------------------------------------------------------------------------

class RemoteView : public WatchStage {
protected:
    RemoteView() { watch_ = agent::make_capture_watch(machine_.root()); }
    void connections(const std::string& lines) {
        machine_.write("proc/net/tcp", "  sl  local_address rem_address   st tx_queue\n" + lines);
    }
};

TEST_F(RemoteView, GivenARemoteDesktopWhenSomebodyConnectsThenItIsToldOnceForEachConnection) {
    const std::string listening = "   0: 00000000:170C 00000000:0000 0A 00000000:00000000\n";
    const std::string ssh = "   1: 0100A8C0:0016 0200A8C0:9C40 01 00000000:00000000\n";
    const std::string vnc = "   2: 0100A8C0:170C 0200A8C0:9C41 01 00000000:00000000\n";
    const std::string rdp = "   3: 0100A8C0:0D3D 0200A8C0:9C42 01 00000000:00000000\n";
    connections(listening + ssh);
    ASSERT_TRUE(look());
    EXPECT_TRUE(witness_.seen().empty());
    connections(listening + ssh + vnc);
    ASSERT_TRUE(look());
    ASSERT_TRUE(look());
    EXPECT_EQ(told("screen.capture"), Bodies{R"({"method":"remote_view"})"});
    connections(listening + vnc + rdp);
    ASSERT_TRUE(look());
    EXPECT_EQ(told("screen.capture"), Bodies{R"({"method":"remote_view"})"});
    EXPECT_TRUE(witness_.await_health("remote_view", SensorState::ok));
    EXPECT_TRUE(witness_.await_health("screen_capture", SensorState::absent, "desktop_does_not_tell"));
}

// --- settings ----------------------------------------------------------------------------------------------------

class Settings : public WatchStage {
protected:
    Settings() { watch_ = agent::make_settings_watch(machine_.root()); }
    void gnome(const std::string& keys, const std::string& locks) {
        machine_.write("etc/dconf/profile/user", "user-db:user\nsystem-db:agency\n");
        machine_.write("etc/dconf/db/agency.d/00-lock", keys);
        machine_.write("etc/dconf/db/agency.d/locks/lock", locks);
    }
    static constexpr const char* kLocks =
        "/org/gnome/desktop/session/idle-delay\n/org/gnome/desktop/screensaver/lock-enabled\n"
        "/org/gnome/desktop/screensaver/lock-delay\n/org/gnome/desktop/notifications/show-in-lock-screen\n";
    static std::string keys(const std::string& idle) {
        return "[org/gnome/desktop/session]\nidle-delay=uint32 " + idle +
               "\n\n# a remark\n[org/gnome/desktop/screensaver]\nlock-enabled=true\nlock-delay=uint32 5\n"
               "[org/gnome/desktop/notifications]\nshow-in-lock-screen=false\n";
    }
};

TEST_F(Settings, GivenALockedPolicyWhenItIsLoosenedThenTheChangeIsToldWithWhatItWas) {
    gnome(keys("600"), kLocks);
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), (Bodies{R"({"name":"lock_timeout","value":"605","compliant":"yes"})",
                                              R"({"name":"lock_screen_hides","value":"on","compliant":"yes"})"}));
    gnome(keys("3600"), kLocks);
    ASSERT_TRUE(look());
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"),
              Bodies{R"({"name":"lock_timeout","value":"3605","previous":"605","compliant":"no"})"});
    EXPECT_TRUE(witness_.await_health("lock_policy", SensorState::ok));
}

TEST_F(Settings, GivenAPolicyThatAPersonMayOverrideThenItsComplianceIsUnknownUnlessItIsWrongAnyway) {
    gnome(keys("600"), "/org/gnome/desktop/notifications/show-in-lock-screen\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting").at(0), R"({"name":"lock_timeout","value":"605","compliant":"unknown"})");
    gnome("[org/gnome/desktop/session]\nidle-delay=uint32 0\n", "");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting").at(0),
              R"({"name":"lock_timeout","value":"never","previous":"605","compliant":"no"})");
}

TEST_F(Settings, GivenKdeThenItsMinutesAndItsMarksAreUnderstood) {
    machine_.write("etc/xdg/kscreenlockerrc", "[Daemon]\nAutolock[$i]=true\nTimeout[$i]=15\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), Bodies{R"({"name":"lock_timeout","value":"900","compliant":"yes"})"});
}

TEST_F(Settings, GivenTheBannerOfAFreshSystemOrOfTheAgencyThenOnlyTheSecondIsOne) {
    machine_.write("etc/issue", "Debian GNU/Linux 12 \\n \\l\n\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), Bodies{R"({"name":"banner","value":"off","compliant":"no"})"});
    machine_.write("etc/issue", "This system is restricted to authorised users.\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), Bodies{R"({"name":"banner","value":"on","previous":"off","compliant":"yes"})"});
    EXPECT_TRUE(witness_.await_health("lock_policy", SensorState::absent, "nothing_prescribed"));
}

TEST_F(Settings, GivenAGreeterThenItsBannerIsTheOneThatCounts) {
    machine_.write("etc/issue", "This system is restricted to authorised users.\n");
    machine_.write("etc/pam.d/gdm-password", "");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), Bodies{R"({"name":"banner","value":"off","compliant":"no"})"});
    machine_.write("etc/dconf/profile/gdm", "user-db:user\nsystem-db:gdm\n");
    machine_.write("etc/dconf/db/gdm.d/01-banner",
                   "[org/gnome/login-screen]\nbanner-message-enable=true\nbanner-message-text='Authorised users only'\n");
    ASSERT_TRUE(look());
    EXPECT_EQ(told("policy.setting"), Bodies{R"({"name":"banner","value":"on","previous":"off","compliant":"yes"})"});
}

}  // namespace
}  // namespace sallyport::testing
