// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/weakened_controls.hpp"

#include <gtest/gtest.h>

namespace sallyport::alerts {
namespace {

const Record kRegistered{
    {"terminal.registered", true},       {"terminal.secure_boot_required", true},
    {"terminal.lock_minutes", 15},       {"terminal.lock_exempt", false},
    {"terminal.usb_policy", "hid_only"}, {"terminal.sensor_baseline", List{"camera/off"}}};

ControlState set_to(std::string_view name, std::string_view value, std::string_view compliant = "yes") {
    ControlState state;
    state.settings.set(name, Record{{"name", name}, {"value", value}, {"compliant", compliant}});
    return state;
}

List weakened(const ControlState& state, const Record& fields = kRegistered) {
    return weakened_controls(state, fields).value_or(List{"nothing known"});
}

TEST(WeakenedControls, GivenATerminalThatTheRegistersDoNotKnowThenNothingIsSaid) {
    EXPECT_FALSE(weakened_controls({"off", {}, {}}, {{"terminal.registered", false}}).has_value());
    EXPECT_FALSE(weakened_controls({"off", {}, {}}, {}).has_value());
}

TEST(WeakenedControls, GivenSecureBootThenOffIsWeakWhereItIsRequired) {
    EXPECT_EQ(weakened({"off", {}, {}}), (List{"secure_boot"}));
    EXPECT_EQ(weakened({"on", {}, {}}), List{});
    EXPECT_EQ(weakened({"unknown", {}, {}}), List{});
    Record not_required = kRegistered;
    not_required.set("terminal.secure_boot_required", false);
    EXPECT_EQ(weakened({"off", {}, {}}, not_required), List{});
}

TEST(WeakenedControls, GivenALockTimeThenLaterThanTheRegisteredIsWeak) {
    EXPECT_EQ(weakened(set_to("lock_timeout", "900")), List{});
    EXPECT_EQ(weakened(set_to("lock_timeout", "60")), List{});
    EXPECT_EQ(weakened(set_to("lock_timeout", "901")), (List{"lock_timeout"}));
    EXPECT_EQ(weakened(set_to("lock_timeout", "0", "no")), (List{"lock_timeout"}));
    EXPECT_EQ(weakened(set_to("lock_timeout", "never", "no")), (List{"lock_timeout"}));
    EXPECT_EQ(weakened(set_to("lock_timeout", "901s")), List{})
        << "no number: what the agent says of it counts";
    Record exempt = kRegistered;
    exempt.set("terminal.lock_exempt", true);
    EXPECT_EQ(weakened(set_to("lock_timeout", "7200", "no"), exempt), List{});
}

TEST(WeakenedControls, GivenAUsbPolicyThenAnyOtherThanTheRegisteredIsWeak) {
    EXPECT_EQ(weakened(set_to("usb_policy", "hid_only")), List{});
    EXPECT_EQ(weakened(set_to("usb_policy", "allowlist")), (List{"usb_policy"}));
    EXPECT_EQ(weakened(set_to("banner", "off", "no")), List{}) << "no matter of this rule";
}

TEST(WeakenedControls, GivenAPrintServerThatForgetsItsJobsThenThatIsWeakAndItsOtherSettingsAreNot) {
    EXPECT_EQ(weakened(set_to("print_history", "500")), List{});
    EXPECT_EQ(weakened(set_to("print_history", "off", "no")), (List{"print_history"}));
    EXPECT_EQ(weakened(set_to("print_history", "unknown", "unknown")), List{});
    EXPECT_EQ(weakened(set_to("print_log", "on_with_titles", "no")), List{});
}

TEST(WeakenedControls, GivenSensorsThenWhatTheBaselineDoesNotAcceptIsWeak) {
    EXPECT_EQ(weakened({"", {}, {{"camera", "off"}, {"usb", "ok"}}}), List{});
    EXPECT_EQ(weakened({"off", {}, {{"camera", "degraded"}, {"usb", "off"}}}),
              (List{"secure_boot", "sensor/camera", "sensor/usb"}));
}

}  // namespace
}  // namespace sallyport::alerts
