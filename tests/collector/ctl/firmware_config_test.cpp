// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "collector/store/event_log.hpp"
#include "posture/posture.hpp"
#include "protocol/chain.hpp"
#include "tests/collector/ctl/control.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::HasSubstr;

class FirmwareConfig : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(1);
    }
    void report(std::vector<std::pair<std::string, Record>> bodies) {
        auto database = Database::open(path("store.db"));
        const std::string instance(32, '2');
        std::vector<store::NewEvent> lines;
        std::uint64_t seq = 0;
        WallTime at{};
        for (auto& [type, body] : bodies) {
            const Event event = sallyport::testing::event(type, "T-1", instance, ++seq, std::move(body));
            at = *event.occurred_at;
            auto line = encode_event(event);
            ASSERT_TRUE(line) << line.error().message();
            lines.push_back({event.type, at, leaf_of(*line), *line, {}});
        }
        auto stream = store::create_stream(*database, kOri, "T-1", instance, Digest{}, at);
        auto appender = store::EventAppender::open(*database);
        ASSERT_TRUE(appender->append(*stream, std::nullopt, lines, at));
    }
    static Record attached(const std::string& port, bool external) {
        Record body = sallyport::testing::usb_stick_body();
        body.set("port", port);
        body.set("external", external);
        return body;
    }
};

TEST_F(FirmwareConfig, GivenATerminalThatReportedItselfThenTheFileOfItsModelIsMadeAndIsUnderstood) {
    EXPECT_NE(ctl("firmware-config from-terminal T-1").code, 0) << "nothing heard yet";
    report({{"device.identity", {{"manufacturer", "Example"}, {"model", "Desk 3000"}, {"tpm_present", true}}},
            {"device.boot", {{"boot_source", "internal"}, {"secure_boot", "on"}, {"last_shutdown", "clean"}}},
            {"device.firmware", {{"component", "bios"}, {"version", "1.14.1"}}},
            {"device.firmware", {{"component", "bios"}, {"version", "1.14.2"}}},
            {"usb.attach", attached("1-6", false)},
            {"usb.attach", attached("1-2", true)}});
    const std::string made = done("firmware-config from-terminal T-1").out;
    const auto read = posture::read_posture(made, "made.yml");
    ASSERT_TRUE(read.posture) << read.faults.at(0) << "\n" << made;
    const auto& terminal = *read.posture->terminal;
    EXPECT_EQ(terminal.model, std::vector<std::string>{"Desk 3000"});
    EXPECT_EQ(posture::is_expected(terminal, "bios", "1.14.2"), true);
    EXPECT_EQ(posture::is_expected(terminal, "bios", "1.14.1"), false) << "the latest counts";
    EXPECT_EQ(terminal.secure_boot, true);
    EXPECT_EQ(terminal.tpm, true);
    EXPECT_EQ(terminal.boot_sources, std::vector<std::string>{"internal"});
    ASSERT_EQ(terminal.fixed_usb.size(), 1U) << "what is plugged in is not part of the model";
    EXPECT_EQ(terminal.fixed_usb[0].port, "1-6");
    write("made.yml", made);
    EXPECT_THAT(done("firmware-config check made.yml").out, HasSubstr("1 firmware-configs understood, 0 faults"));
}

TEST_F(FirmwareConfig, GivenAFaultThenItIsNamedByFileAndLineAndTheCallSaysSo) {
    write("bad.yml", "kind: terminal\nmatch: {manufacturer: A, model: B}\ncolour: red\n");
    const auto ran = ctl("firmware-config check bad.yml");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, HasSubstr("bad.yml:3: colour: there is no such key"));
}

}  // namespace
}  // namespace sallyport::ctl
