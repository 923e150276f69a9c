// SPDX-License-Identifier: Apache-2.0
#include "agent/configuration.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "agent/enrolment.hpp"
#include "protocol/crypto.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport::agent {
namespace {

constexpr std::string_view kSensors[] = {"identity", "usb", "camera"};

class ConfigurationTest : public ::testing::Test {
protected:
    LoadedConfiguration load(const std::string& text) {
        std::ofstream(file()) << text;
        return load_configuration(file(), kSensors);
    }
    [[nodiscard]] std::string file() const { return (folder_ / "agent.yml").string(); }
    [[nodiscard]] std::string good() const {
        return "terminal: FRONT-DESK-1\n"
               "ori: CA0190000\n"
               "spool: " + (folder_ / "spool.db").string() + "\n"
               "broker:\n"
               "  host: broker.example\n"
               "  ca: ca.pem\n"
               "  certificate: t.pem\n"
               "  key: " + (folder_ / "t.key").string() + "\n"
               "collector_key: collector.pem\n";
    }
    testing::TemporaryFolder folder_;
};

TEST_F(ConfigurationTest, GivenTheLeastThatIsNeededWhenLoadedThenTheRestHasItsDefaultsAndTheCameraIsOff) {
    auto loaded = load(good());
    ASSERT_TRUE(loaded.configuration) << loaded.faults.at(0);
    EXPECT_EQ(loaded.configuration->broker.port, 8883);
    EXPECT_EQ(loaded.configuration->broker.client_id, "FRONT-DESK-1");
    EXPECT_EQ(loaded.configuration->heartbeat, std::chrono::seconds(60));
    EXPECT_TRUE(loaded.configuration->sensors.on("usb", true));
    EXPECT_FALSE(loaded.configuration->sensors.on("camera", false));
    EXPECT_EQ(loaded.configuration->sha256, to_hex(sha256(bytes_of(good()))));
}

TEST_F(ConfigurationTest, GivenAPrintServerWhenItIsNotThisMachinesOwnThenItsFoldersAreWatchedOnlyWhereTold) {
    auto own = load(good());
    EXPECT_EQ(own.configuration->print_spool, "/var/spool/cups");
    EXPECT_EQ(own.configuration->print_settings, "/etc/cups");
    auto other = load(good() + "print: {server: \"print.example:631\"}\n");
    EXPECT_TRUE(other.configuration->print_spool.empty());
    EXPECT_TRUE(other.configuration->print_settings.empty());
    auto told = load(good() + "print: {server: \"127.0.0.1:631\", spool: /srv/spool, settings: /srv/etc}\n");
    EXPECT_EQ(told.configuration->print_spool, "/srv/spool");
    EXPECT_EQ(told.configuration->print_settings, "/srv/etc");
}

TEST_F(ConfigurationTest, GivenManyFaultsWhenLoadedThenEachIsNamedWithItsLine) {
    auto loaded = load("terminal: 'bad id'\n"      // 1
                       "ori: CA1\n"                // 2
                       "colour: red\n"             // 3
                       "spool: spool.db\n"         // 4
                       "broker:\n"                 // 5
                       "  host: h\n"               // 6
                       "  port: 70000\n"           // 7
                       "  cipher: none\n"          // 8
                       "  ca: ca.pem\n"            // 9
                       "  certificate: t.pem\n"    // 10
                       "  key: [a]\n"              // 11
                       "collector_key: c.pem\n"    // 12
                       "heartbeat_s: soon\n"       // 13
                       "sensors: {usb: maybe}\n"   // 14
                       "clets_client: on\n"        // 15
                       "ori: CA0190000\n");        // 16
    EXPECT_FALSE(loaded.configuration);
    const auto says = [&](int line, const std::string& text) {
        const std::string start = file() + ":" + std::to_string(line) + ": " + text;
        for (const std::string& fault : loaded.faults)
            if (fault.starts_with(start)) return true;
        return false;
    };
    EXPECT_TRUE(says(1, "terminal: "));
    EXPECT_TRUE(says(2, "ori: nine"));
    EXPECT_TRUE(says(3, "colour: there is no such key"));
    EXPECT_TRUE(says(7, "broker.port: a whole number from 1 to 65535"));
    EXPECT_TRUE(says(8, "broker.cipher: there is no such key"));
    EXPECT_TRUE(says(11, "broker.key: one value was expected"));
    EXPECT_TRUE(says(13, "heartbeat_s: a whole number"));
    EXPECT_TRUE(says(14, "sensors.usb: on or off was expected"));
    EXPECT_TRUE(says(15, "clets_client: "));
    EXPECT_TRUE(says(16, "ori: given twice"));
    EXPECT_EQ(loaded.faults.size(), 10U) << ::testing::PrintToString(loaded.faults);
}

TEST_F(ConfigurationTest, GivenSwitchesWhenLoadedThenOnlySensorsThatThereAreCanBeSwitched) {
    auto loaded = load(good() + "sensors: {identity: off}\n");
    ASSERT_TRUE(loaded.configuration) << loaded.faults.at(0);
    EXPECT_FALSE(loaded.configuration->sensors.on("identity", true));
    loaded = load(good() + "sensors: {odour: on}\n");
    ASSERT_EQ(loaded.faults.size(), 1U);
    EXPECT_NE(loaded.faults[0].find("sensors.odour: there is no such key"), std::string::npos) << loaded.faults[0];
}

TEST_F(ConfigurationTest, GivenACletsClientWhenLoadedThenItsFileAndThePlaceOfItsMnemonicAreKnown) {
    auto loaded = load(good() +
                       "clets_client:\n"
                       "  executable: /opt/clets/client\n"
                       "  mnemonic_file: /etc/clets/client.conf\n"
                       "  mnemonic_pattern: 'MNEMONIC=*'\n");
    ASSERT_TRUE(loaded.configuration) << loaded.faults.at(0);
    EXPECT_EQ(loaded.configuration->clets_client.executable, "/opt/clets/client");
    EXPECT_EQ(loaded.configuration->clets_client.mnemonic_pattern, "MNEMONIC=*");
    EXPECT_TRUE(load(good() + "clets_client: off\n").configuration);
    EXPECT_EQ(load(good() + "clets_client: {desktop_id: org.example}\n").faults.size(), 1U) << "no executable";
    EXPECT_EQ(load(good() + "clets_client: {executable: /c, mnemonic_file: /m}\n").faults.size(), 1U) << "no pattern";
}

TEST_F(ConfigurationTest, GivenBrokenYamlWhenLoadedThenTheLineIsNamed) {
    auto loaded = load("terminal: T-1\nbroker: {host: h\nori: [\n");
    ASSERT_EQ(loaded.faults.size(), 1U);
    EXPECT_TRUE(loaded.faults[0].starts_with(file() + ":3: ") || loaded.faults[0].starts_with(file() + ":4: "))
        << loaded.faults[0];
    EXPECT_EQ(load("").faults.size(), 1U);
    EXPECT_EQ(load("- a\n- b\n").faults.size(), 1U);
    EXPECT_EQ(load(std::string(70'000, '#')).faults.size(), 1U);
    EXPECT_EQ(load_configuration(folder_ / "absent.yml", kSensors).faults.size(), 1U);
}

TEST_F(ConfigurationTest, GivenMissingSectionsWhenLoadedThenEachIsNamedOnce) {
    auto loaded = load("terminal: T-1\nori: CA0190000\nsensors: {camera: on}\n");
    EXPECT_EQ(loaded.faults.size(), 4U) << ::testing::PrintToString(loaded.faults);  // spool, broker, collector_key, camera
}

TEST_F(ConfigurationTest, GivenACameraThatIsOnWhenItsPermitFilesAreNotNamedThenThatIsAFault) {
    auto loaded = load(good() + "sensors: {camera: on}\ncamera: {source: 'v4l2:/dev/video0', fps: 99}\n");
    EXPECT_EQ(loaded.faults.size(), 4U) << ::testing::PrintToString(loaded.faults);  // enable_file, permit, program, fps
}

TEST_F(ConfigurationTest, GivenFilesThatAreNotThereWhenLookedForThenEachIsNamed) {
    const auto missing = missing_files(*load(good()).configuration);
    ASSERT_EQ(missing.size(), 4U);
    EXPECT_NE(missing[0].find("broker.ca: ca.pem"), std::string::npos);
}

TEST_F(ConfigurationTest, GivenATerminalWithoutAKeyWhenEnrolledThenKeyAndRequestAreMadeAndTheKeyIsKeptTheSecondTime) {
    const auto configuration = *load(good()).configuration;
    auto request = prepare_enrolment(configuration);
    ASSERT_TRUE(request) << request.error().message();
    EXPECT_EQ(*request, folder_ / "t.csr");
    struct stat facts {};
    ASSERT_EQ(::stat((folder_ / "t.key").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    const auto key = SigningKey::load_pem(folder_ / "t.key")->public_key().base64();
    ASSERT_TRUE(prepare_enrolment(configuration));
    EXPECT_EQ(SigningKey::load_pem(folder_ / "t.key")->public_key().base64(), key);
    const std::string check = "openssl req -verify -noout -subject -in '" + request->string() +
                              "' 2>/dev/null | grep -q 'CN = FRONT-DESK-1'";
    EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST_F(ConfigurationTest, GivenUsbEnforcementWhenLoadedThenItIsOffUnlessAskedForAndNeedsItsPolicy) {
    EXPECT_FALSE(load(good()).configuration->usb.enforce);
    EXPECT_FALSE(load(good() + "usb: {enforce: off}\n").configuration->usb.enforce);
    const auto on = load(good() + "usb: {enforce: allowlist, policy: usb.policy}\n");
    ASSERT_TRUE(on.configuration) << on.faults.at(0);
    EXPECT_TRUE(on.configuration->usb.enforce);
    EXPECT_EQ(on.configuration->usb.policy, "usb.policy");
    EXPECT_FALSE(load(good() + "usb: {enforce: allowlist}\n").configuration);
    EXPECT_FALSE(load(good() + "usb: {enforce: block}\n").configuration);
    EXPECT_FALSE(load(good() + "usb: {enforce: allowlist, policy: p}\nsensors: {usb: off}\n").configuration);
}

}  // namespace
}  // namespace sallyport::agent
