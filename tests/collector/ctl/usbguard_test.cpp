// SPDX-License-Identifier: Apache-2.0
//
// USBGuard's rules into the register of media and out of it again, and the list that a terminal gets.
#include "protocol/usbguard/signed_policy.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport {
namespace {

constexpr const char* kHash = "2y2qS3rcuMr1Ye5knWsbD8CGzPtrs+eiRR/haro7+Ng=";
constexpr const char* kSet =
    " --set owner=OP-1 --set ownership=agency --set purpose=discovery --set terminals_allowed=any_terminal"
    " --set valid_from=2026-01-01 --set valid_to=2099-12-31 --set status=issued";

std::string stick(const std::string& serial, const std::string& more = {}) {
    return "allow id 0781:5581 serial \"" + serial + "\" name \"Ultra\" hash \"" + kHash +
           "\" with-interface 08:06:50" + more + "\n";
}

class UsbguardMedia : public testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(1);
    }
};

TEST_F(UsbguardMedia, GivenRulesForSingleDevicesWhenImportedThenTheyAreMediaAndComeOutAsRules) {
    write("rules.conf", "# issued sticks\n" + stick("4C530001230712", " label \"M-1\" via-port \"1-2\""));
    const auto preview = done("media import --usbguard --preview rules.conf" + std::string(kSet));
    EXPECT_NE(preview.out.find("row 2: M-1 is new"), std::string::npos) << preview.out;
    EXPECT_NE(preview.err.find("via-port: is not kept"), std::string::npos) << preview.err;
    EXPECT_NE(done("media import --usbguard rules.conf" + std::string(kSet)).out.find("1 added"), std::string::npos);
    EXPECT_NE(done("media import --usbguard rules.conf" + std::string(kSet)).out.find("1 unchanged"), std::string::npos);
    EXPECT_EQ(done("media export --usbguard").out,
              std::string("allow id 0781:5581 hash \"") + kHash + "\" label \"M-1\"\n");
    EXPECT_EQ(done("media export --usbguard --terminal T-1").out.size(), done("media export --usbguard").out.size());
}

TEST_F(UsbguardMedia, GivenRulesThatNameNoDeviceWhenImportedThenEachIsRefusedByItsLineAndNothingIsWritten) {
    write("rules.conf", stick("4C530001230712") + "block id 0781:5581\nallow id 0781:5581\n" + stick("0123456789") +
                            stick("4C530001230713", " if localtime(1:00)") + "alow\nallow id 0781:* serial \"4C530001230714\"\n" +
                            "allow id 0781:5581 serial \"4C530001230715\" with-interface { 08:06:50 03:01:01 }\n" +
                            "allow id 18d1:4ee1 serial \"4C530001230716\" with-interface 06:01:01\n");
    const auto ran = ctl("media import --usbguard rules.conf" + std::string(kSet));
    EXPECT_EQ(ran.code, 1);
    for (const char* fault : {"row 2, column target", "row 3, column serial", "row 4, column serial", "row 5, column if", "row 6",
                              "row 7, column id", "row 8, column with-interface", "row 9, column kind"})
        EXPECT_NE(ran.err.find(fault), std::string::npos) << fault << " is not in\n" << ran.err;
    EXPECT_EQ(done("media export --usbguard").out, "");
    EXPECT_EQ(ctl("media import --usbguard --good-rows rules.conf" + std::string(kSet)).code, 1);
    EXPECT_NE(done("media export --usbguard").out.find("label \"UG-"), std::string::npos);
}

TEST_F(UsbguardMedia, GivenAMediumWithoutAHashWhenExportedThenItIsRefusedByName) {
    write("rules.conf", "allow id 0781:5581 serial \"4C530001230712\" with-interface 08:06:50 label \"M-1\"\n" +
                            stick("4C530001230713", " label \"M-2\""));
    done("media import --usbguard rules.conf" + std::string(kSet));
    const auto ran = ctl("media export --usbguard");
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "");
    EXPECT_NE(ran.err.find("M-1: it has no usbguard_hash"), std::string::npos) << ran.err;
    EXPECT_NE(ctl("media export --usbguard --good-rows").out.find("\"M-2\""), std::string::npos);
}

TEST_F(UsbguardMedia, GivenATerminalThatEnforcesWhenItsListIsSignedThenItIsItsOwnAndRises) {
    write("rules.conf", stick("4C530001230712", " label \"M-1\""));
    EXPECT_NE(ctl("terminals permit-usb T-1 --rules rules.conf --out usb.policy").err.find("usb_policy"), std::string::npos);
    done("media import --usbguard rules.conf" + std::string(kSet));
    write("enforce.csv", "terminal_id,usb_policy,usb_allowlist\nT-1,allowlist,M-1\n");
    done("terminals import enforce.csv");
    done("terminals permit-usb T-1 --rules rules.conf --out usb.policy");
    const auto key = PublicKey::load_pem(path("ca/collector-signing.pub"));
    ASSERT_TRUE(key) << key.error().message();
    const auto policy = usbguard::decode_policy(content(path("usb.policy")), *key);
    ASSERT_TRUE(policy) << policy.error().message();
    EXPECT_EQ(policy->terminal, "T-1");
    EXPECT_GT(policy->version, 1'700'000'000);
    write("odd.conf", "allow if random(0.5)\n");
    EXPECT_NE(ctl("terminals permit-usb T-1 --rules odd.conf --out usb.policy").err.find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace sallyport
