// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/terminal_state.hpp"

#include <gtest/gtest.h>

#include "tests/support/event_factory.hpp"

namespace sallyport::alerts {
namespace {

class Terminal : public ::testing::Test {
public:
    Terminal& tell(std::string_view type, Record body = {}, std::optional<std::string> session = "c1",
                   EventOutcome outcome = EventOutcome::success) {
        Event event = sallyport::testing::event(type, "T1", std::string(32, 'a'), ++seq_, std::move(body));
        event.session_id = std::move(session);
        event.outcome = outcome;
        if (!account_.empty()) event.operator_account = account_;
        event.occurred_at = event.observed_at = now_;
        if (!boot_.empty()) event.boot_id = boot_;
        state_.apply(event);
        return *this;
    }
    Record fields() const {
        Record record = registered_;
        state_.add_to(record, now_);
        return record;
    }
    std::string session() const { return std::string(text_of(fields(), "session.state")); }

    TerminalState state_;
    std::uint64_t seq_ = 0;
    std::string boot_, account_;
    Record registered_;
    WallTime now_{std::chrono::milliseconds(1'795'456'800'000)};
};

TEST_F(Terminal, GivenNothingWhenAskedThenNobodyIsLoggedOnAndSensorsThatNeverSpokeAreLeftOut) {
    EXPECT_EQ(fields(), (Record{{"session.state", "none"}}));
}

TEST_F(Terminal, GivenASessionWhenLockedAndUnlockedThenItsStateFollows) {
    EXPECT_EQ(tell("session.logon", {{"kind", "console"}, {"method", "password"}}).session(), "unlocked");
    EXPECT_EQ(tell("session.lock", {{"cause", "user"}}).session(), "locked");
    EXPECT_EQ(tell("session.unlock", {{"cause", "user"}}).session(), "unlocked");
    EXPECT_EQ(tell("session.logoff", {{"kind", "console"}}).session(), "none");
}

TEST_F(Terminal, GivenTwoSessionsWhenOneIsUnlockedThenTheTerminalIs) {
    tell("session.logon", {{"kind", "console"}}, "c1").tell("session.lock", {{"cause", "user"}}, "c1");
    EXPECT_EQ(tell("session.logon", {{"kind", "remote"}}, "c2").session(), "unlocked");
    EXPECT_EQ(tell("session.logoff", {{"kind", "remote"}}, "c2").session(), "locked");
}

TEST_F(Terminal, GivenAFailedLogonOrAServiceWhenToldThenNobodyIsBeforeTheScreen) {
    tell("session.logon", {{"kind", "console"}}, "c1", EventOutcome::failure);
    tell("session.logon", {{"kind", "service"}}, "c2");
    EXPECT_EQ(session(), "none");
}

TEST_F(Terminal, GivenIdleTimeWhenUnlockedThenItBeginsAnew) {
    tell("session.logon", {{"kind", "console"}}).tell("session.idle", {{"idle_s", 600}});
    EXPECT_EQ(integer_of(fields(), "session.idle_s"), 600);
    EXPECT_EQ(integer_of(tell("session.unlock", {{"cause", "user"}}).fields(), "session.idle_s"), 0);
}

TEST_F(Terminal, GivenTheClientWhenItsSensorIsAbsentThenItIsNotSaidToBeClosed) {
    EXPECT_TRUE(flag_of(tell("clets.client", {{"state", "started"}}).fields(), "clets.running"));
    EXPECT_FALSE(fields().contains("clets.foreground")) << "not every desktop tells";
    EXPECT_FALSE(flag_of(tell("clets.client", {{"state", "stopped"}}).fields(), "clets.running", true));
    tell("agent.sensor", {{"sensor", "clets_client"}, {"state", "absent"}}, std::nullopt);
    EXPECT_FALSE(fields().contains("clets.running"));
}

TEST_F(Terminal, GivenPresenceWhenTheCameraGoesOffThenItIsForgotten) {
    tell("camera.state", {{"state", "on"}, {"indicator", "on"}}, std::nullopt);
    tell("camera.presence",
         {{"faces", 2},
          {"operator_present", true},
          {"onlookers", 1},
          {"duration_ms", 10},
          {"confidence", 0.9},
          {"zone", "near"},
          {"min_confidence", 0.8}},
         std::nullopt);
    EXPECT_EQ(integer_of(fields(), "camera.onlookers"), 1);
    EXPECT_EQ(text_of(fields(), "camera.zone"), "near");
    tell("camera.state", {{"state", "covered"}, {"indicator", "on"}}, std::nullopt);
    EXPECT_EQ(text_of(fields(), "camera.state"), "covered");
    EXPECT_FALSE(fields().contains("camera.onlookers"));
}

TEST_F(Terminal, GivenABootWhenToldThenNothingBeforeItHolds) {
    tell("session.logon", {{"kind", "console"}}).tell("clets.client", {{"state", "started"}});
    tell("device.boot", {}, std::nullopt);
    EXPECT_EQ(fields(), (Record{{"session.state", "none"}}));
}

TEST_F(Terminal, GivenAnyStateWhenSnapshotAndRestoredThenItIsTheSame) {
    tell("session.logon", {{"kind", "console"}}).tell("session.idle", {{"idle_s", 300}});
    tell("session.logon", {{"kind", "remote"}}, "c2").tell("session.lock", {{"cause", "user"}}, "c2");
    tell("clets.client", {{"state", "stopped"}}).tell("camera.state", {{"state", "on"}, {"indicator", "on"}});
    tell("camera.presence",
         {{"operator_present", false}, {"onlookers", 2}, {"confidence", 0.5}, {"zone", "far"}});
    Record restored;
    TerminalState::restore(state_.snapshot()).add_to(restored, now_);
    EXPECT_EQ(restored, fields());
}

TEST_F(Terminal, GivenTheClientBroughtForwardThenItIsInTheForegroundUntilItLeaves) {
    EXPECT_TRUE(flag_of(tell("clets.client", {{"state", "foreground"}}).fields(), "clets.foreground"));
    EXPECT_FALSE(flag_of(tell("clets.client", {{"state", "background"}}).fields(), "clets.foreground", true));
    EXPECT_TRUE(flag_of(fields(), "clets.running"));
}

TEST_F(Terminal, GivenACameraCoveredWhileUnlockedThenHowLongAndHowLongAgo) {
    tell("session.logon", {{"kind", "console"}, {"method", "password"}});
    tell("camera.state", {{"state", "covered"}, {"indicator", "on"}});
    now_ += std::chrono::seconds(90);
    EXPECT_EQ(integer_of(fields(), "camera.blind_s"), 90);
    EXPECT_EQ(integer_of(fields(), "camera.blind_ago_s", -1), 0);
    tell("session.lock", {{"cause", "user"}});  // nothing is to be seen of a locked screen
    now_ += std::chrono::seconds(60);
    EXPECT_EQ(integer_of(fields(), "camera.blind_s"), 90);
    EXPECT_EQ(integer_of(fields(), "camera.blind_ago_s"), 60);
    EXPECT_FALSE(tell("device.boot", {{"boot_source", "internal"}, {"secure_boot", "on"}}).fields().contains("camera.blind_s"));
}

TEST_F(Terminal, GivenABootThenItsSecureBootStaysKnown) {
    tell("device.boot", {{"boot_source", "internal"}, {"secure_boot", "off"}, {"last_shutdown", "clean"}});
    EXPECT_EQ(text_of(tell("session.lock").fields(), "boot.secure_boot"), "off");
}

TEST_F(Terminal, GivenTwoBootsInTurnThenTheOneThatReturnsIsSaid) {
    boot_ = std::string(32, 'b');
    EXPECT_FALSE(tell("session.lock").fields().contains("boot.returned"));
    boot_ = std::string(32, 'c');
    EXPECT_FALSE(tell("session.lock").fields().contains("boot.returned"));
    boot_ = std::string(32, 'b');
    EXPECT_TRUE(flag_of(tell("session.lock").fields(), "boot.returned"));
    EXPECT_FALSE(tell("session.lock").fields().contains("boot.returned")) << "said once a turn";
    boot_ = std::string(32, 'c');
    EXPECT_TRUE(flag_of(tell("session.lock").fields(), "boot.returned"));
}

TEST_F(Terminal, GivenTheSameDeviceAttachedAgainThenSinceWhenOfThatEventAlone) {
    const auto attach = [&](char serial) { tell("usb.attach", {{"serial_hash", std::string(64, serial)}}); };
    attach('d');
    EXPECT_FALSE(fields().contains("usb.last_attach_s"));
    now_ += std::chrono::seconds(4);
    attach('d');
    EXPECT_EQ(integer_of(fields(), "usb.last_attach_s"), 4);
    attach('e');
    EXPECT_FALSE(fields().contains("usb.last_attach_s"));
}

TEST_F(Terminal, GivenTheAgentsVersionInAnotherFileThenItsBinaryChanged) {
    const auto start = [&](const char* version, char digest) {
        return tell("agent.start", {{"version", version}, {"sha256", std::string(64, digest)}}).fields();
    };
    EXPECT_FALSE(start("0.1.0", 'a').contains("agent.binary_changed"));
    EXPECT_FALSE(flag_of(start("0.1.0", 'a'), "agent.binary_changed", true));
    EXPECT_TRUE(flag_of(start("0.1.0", 'b'), "agent.binary_changed"));
    EXPECT_FALSE(flag_of(start("0.2.0", 'c'), "agent.binary_changed", true));
}

TEST_F(Terminal, GivenAllThatIsKeptWhenTakenUpFromASnapshotThenItIsTheSame) {
    tell("device.boot", {{"boot_source", "internal"}, {"secure_boot", "on"}, {"last_shutdown", "clean"}});
    tell("session.logon", {{"kind", "console"}, {"method", "password"}});
    tell("camera.state", {{"state", "covered"}, {"indicator", "on"}});
    tell("device.firmware", {{"component", "bios"}, {"version", "1"}});
    tell("usb.attach", {{"serial_hash", std::string(64, 'd')}});
    tell("agent.start", {{"version", "0.1.0"}, {"sha256", std::string(64, 'a')}});
    registered_ = {{"terminal.registered", true}, {"terminal.usb_policy", "hid_only"}};
    account_ = "ann";
    tell("session.unlock", {{"cause", "user"}}).tell("agent.sensor", {{"sensor", "usb"}, {"state", "degraded"}});
    tell("policy.setting", {{"name", "usb_policy"}, {"value", "allowlist"}});
    tell("display.change", {{"action", "detached"}, {"count", 1}, {"external_kind", "hdmi"}});
    boot_ = std::string(32, 'b');
    now_ += std::chrono::seconds(5);
    tell("clets.client", {{"state", "foreground"}});
    auto restored = TerminalState::restore(state_.snapshot());
    now_ += std::chrono::seconds(5);
    Record before = fields(), after = registered_;
    restored.add_to(after, now_);
    EXPECT_EQ(before, after);
    EXPECT_EQ(integer_of(after, "controls.weakened_count"), 2);
    EXPECT_EQ(integer_of(after, "firmware.age_s"), 10);
    EXPECT_EQ(restored.snapshot(), state_.snapshot());
}

TEST_F(Terminal, GivenASessionThenTheAccountThatOpenedItLastWhileAnybodyIsLoggedOn) {
    account_ = "ann";
    EXPECT_EQ(text_of(tell("session.logon", {{"kind", "console"}}).fields(), "session.account"), "ann");
    account_ = "bob";
    tell("session.logon", {{"kind", "console"}}, "c2", EventOutcome::failure);
    tell("session.logon", {{"kind", "service"}}, "c3");
    EXPECT_EQ(text_of(tell("session.lock", {{"cause", "user"}}).fields(), "session.account"), "ann");
    EXPECT_EQ(text_of(tell("session.logon", {{"kind", "console"}}, "c2").fields(), "session.account"), "bob");
    tell("session.logoff", {{"kind", "console"}}, "c1");
    EXPECT_EQ(text_of(fields(), "session.account"), "bob");
    EXPECT_FALSE(tell("session.logoff", {{"kind", "console"}}, "c2").fields().contains("session.account"));
}

TEST_F(Terminal, GivenADisplayThatWakesThenSinceWhenOneOfItsKindWasGone) {
    const auto change = [&](const char* action, const char* kind) {
        return tell("display.change", {{"action", action}, {"count", 2}, {"external_kind", kind}}, std::nullopt).fields();
    };
    EXPECT_FALSE(change("attached", "hdmi").contains("display.detached_s"));
    EXPECT_FALSE(change("detached", "hdmi").contains("display.detached_s"));
    now_ += std::chrono::seconds(40);
    EXPECT_EQ(integer_of(change("extended", "hdmi"), "display.detached_s"), 40);
    EXPECT_FALSE(change("attached", "dp").contains("display.detached_s"));
    EXPECT_FALSE(tell("session.lock").fields().contains("display.detached_s"));
}

// FWB-09: against the register, until the terminal tells that it is restored.
TEST_F(Terminal, GivenControlsThenHowManyAreWeakerThanRegistered) {
    registered_ = {{"terminal.registered", true}, {"terminal.secure_boot_required", true}, {"terminal.lock_minutes", 15}};
    EXPECT_EQ(integer_of(tell("device.boot", {{"secure_boot", "off"}}).fields(), "controls.weakened_count", -1), 1);
    tell("agent.sensor", {{"sensor", "usb"}, {"state", "degraded"}}, std::nullopt);
    tell("policy.setting", {{"name", "lock_timeout"}, {"value", "3600"}, {"compliant", "no"}}, std::nullopt);
    const Value weak(List{"secure_boot", "lock_timeout", "sensor/usb"});
    EXPECT_EQ(*fields().find("controls.weakened"), weak);
    EXPECT_EQ(*tell("device.shutdown").fields().find("controls.weakened"), weak) << "switching off restores nothing";
    EXPECT_EQ(*tell("device.boot", {{"secure_boot", "off"}}).fields().find("controls.weakened"), weak);
    tell("agent.sensor", {{"sensor", "usb"}, {"state", "ok"}}, std::nullopt);
    tell("policy.setting", {{"name", "lock_timeout"}, {"value", "600"}, {"compliant", "yes"}}, std::nullopt);
    EXPECT_EQ(integer_of(fields(), "controls.weakened_count", -1), 1);
    tell("device.boot", {{"secure_boot", "on"}}, std::nullopt);
    EXPECT_EQ(integer_of(fields(), "controls.weakened_count", -1), 0);
    EXPECT_FALSE(fields().contains("controls.weakened"));
}

}  // namespace
}  // namespace sallyport::alerts
