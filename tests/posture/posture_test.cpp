// SPDX-License-Identifier: Apache-2.0
#include "posture/posture.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/test_broker.hpp"

namespace sallyport::posture {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kDesk =
    "kind: terminal\n"
    "match: {manufacturer: Example, model: [Desk 3000, Desk 3001]}\n"
    "firmware:\n"
    "  bios: ['1.14.2', '1.15*']\n"
    "secure_boot: on\n"
    "tpm: present\n"
    "boot_sources: [internal]\n"
    "fixed_usb: [{port: 1-6, vid: 046d, pid: c31c, what: keyboard}]\n";

TEST(PostureFile, GivenEveryFileThatIsShippedThenItIsUnderstoodAndOnlyExamplesAreMarkedSo) {
    const auto all = load_postures(std::filesystem::path(SALLYPORT_SOURCE_DIR) / "firmware-configs");
    EXPECT_THAT(all.faults, IsEmpty());
    EXPECT_GE(all.postures.size(), 6U);
    for (const Posture& posture : all.postures)
        EXPECT_EQ(posture.example, posture.name.starts_with("example-")) << posture.name;
}

TEST(PostureFile, GivenQemusMachinesThenTheFirmwareTellsWhichIsMeant) {
    const auto all = load_postures(std::filesystem::path(SALLYPORT_SOURCE_DIR) / "firmware-configs").postures;
    const auto name = [&](const char* model, const char* bios) {
        const Posture* found = choose(all, {"QEMU", model, bios});
        return found == nullptr ? std::string() : found->name;
    };
    EXPECT_EQ(name("Standard PC (Q35 + ICH9, 2009)", "SeaBIOS"), "qemu-seabios");
    EXPECT_EQ(name("Standard PC (i440FX + PIIX, 1996)", "SeaBIOS"), "qemu-seabios");
    EXPECT_EQ(name("Standard PC (Q35 + ICH9, 2009)", "EFI Development Kit II / OVMF"), "qemu-ovmf");
    EXPECT_EQ(name("Standard PC (Q35 + ICH9, 2009)", "Somebody else"), "");
    EXPECT_EQ(choose(all, {"Dell Inc.", "OptiPlex 7010", "Dell Inc."}), nullptr) << "an example is taken by nobody";
}

TEST(PostureFile, GivenAPostureWhenWrittenThenItReadsTheSame) {
    const auto loaded = read_posture(kDesk, "desk.yml");
    ASSERT_TRUE(loaded.posture) << loaded.faults.at(0);
    const auto again = read_posture(write_posture(*loaded.posture), "desk.yml");
    ASSERT_TRUE(again.posture) << again.faults.at(0);
    EXPECT_EQ(again.posture->terminal, loaded.posture->terminal);
    EXPECT_EQ(again.posture->name, "desk");
    const auto camera = load_postures(std::filesystem::path(SALLYPORT_SOURCE_DIR) / "firmware-configs/example-logitech-c270.yml");
    ASSERT_EQ(camera.postures.size(), 1U);
    const auto camera_again = read_posture(write_posture(camera.postures[0]), "c270.yml");
    ASSERT_TRUE(camera_again.posture) << camera_again.faults.at(0);
    EXPECT_EQ(camera_again.posture->camera, camera.postures[0].camera);
}

TEST(PostureFile, GivenVersionsThenAStarAtTheEndStandsForTheRest) {
    const auto terminal = *read_posture(kDesk, "desk.yml").posture->terminal;
    EXPECT_EQ(is_expected(terminal, "bios", "1.14.2"), true);
    EXPECT_EQ(is_expected(terminal, "bios", "1.15.9"), true);
    EXPECT_EQ(is_expected(terminal, "bios", "1.14.20"), false);
    EXPECT_EQ(is_expected(terminal, "ec", "7"), std::nullopt);
}

TEST(PostureFile, GivenFaultsThenEachIsNamedWithItsLine) {
    const auto loaded = read_posture(
        "kind: terminal\n"
        "match: {manufacturer: Example}\n"
        "colour: red\n"
        "secure_boot: perhaps\n"
        "boot_sources: [floppy]\n"
        "firmware: {'a b': '1'}\n"
        "fixed_usb: [{port: 1-6, vid: 46d, pid: c31c}]\n"
        "tpm: present\n"
        "tpm: absent\n",
        "desk.yml");
    EXPECT_FALSE(loaded.posture);
    std::string all;
    for (const std::string& fault : loaded.faults)
        all += fault + "\n";
    EXPECT_THAT(all, HasSubstr("desk.yml:2: match: manufacturer and model are needed"));
    EXPECT_THAT(all, HasSubstr("desk.yml:3: colour: there is no such key"));
    EXPECT_THAT(all, HasSubstr("desk.yml:4: secure_boot: on or off was expected"));
    EXPECT_THAT(all, HasSubstr("desk.yml:5: boot_sources: internal, usb, network or optical was expected"));
    EXPECT_THAT(all, HasSubstr("desk.yml:6: firmware: 'a b' is no component"));
    EXPECT_THAT(all, HasSubstr("desk.yml:7: vid: four hex digits"));
    EXPECT_THAT(all, HasSubstr("desk.yml:9: tpm: given twice"));
    EXPECT_EQ(loaded.faults.size(), 7U) << all;
    EXPECT_THAT(read_posture("kind: [\n", "b.yml").faults.at(0), HasSubstr("b.yml:"));
    EXPECT_THAT(read_posture("kind: toaster\n", "b.yml").faults.at(0), HasSubstr("terminal or camera"));
    EXPECT_FALSE(read_posture("kind: camera\nmatch: {vid: 046d, pid: '0825'}\n", "c.yml").posture);
}

TEST(PostureFile, GivenTwoFilesOfOneModelThenThatIsAFault) {
    testing::TemporaryFolder folder;
    std::ofstream(folder / "a.yml") << kDesk;
    std::ofstream(folder / "b.yml") << kDesk;
    EXPECT_THAT(load_postures(folder.path()).faults.at(0), HasSubstr("b.yml: matches the same as a.yml"));
    EXPECT_EQ(load_postures(folder / "none.yml").faults.size(), 1U);
}

TEST(Posture, GivenAThresholdThatNoCameraHasOrOutOfItsRangeThenItIsNamed) {
    const auto fault = [](const std::string& thresholds) {
        const auto read = read_posture("kind: camera\nmatch: {vid: 046d, pid: '0825'}\norientation: to the operator\n"
                                       "resolution: [640, 480]\nframes_per_second: 5\nthresholds: {" + thresholds + "}\n",
                                       "c.yml");
        return read.faults.empty() ? std::string() : read.faults.at(0);
    };
    EXPECT_EQ(fault("covered_contrast: 14, blinded_brightness: 235"), "");
    EXPECT_THAT(fault("onlooker_confidence: 0.1"), HasSubstr("c.yml:6: thresholds.onlooker_confidence"));
    EXPECT_THAT(fault("covered_contrast: 0"), HasSubstr("a number from 1 to 60"));
    EXPECT_THAT(fault("blinded_brightness: bright"), HasSubstr("a number from 128 to 254"));
}

}  // namespace
}  // namespace sallyport::posture
