// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/terminal_proposal.hpp"

#include <gmock/gmock.h>

#include "collector/registers/constraints.hpp"
#include "protocol/timestamp.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::registers {
namespace {

TerminalReports reports_of(Record identity) {
    return {sallyport::testing::event("device.identity", "T1", std::string(32, '2'), 1, std::move(identity),
                                      *parse_time("2026-11-24T05:00:00.000Z")),
            std::nullopt,
            {}};
}

Record full_identity() {
    return {{"asset_tag", "AT-1"},
            {"system_serial", "SER1"},
            {"board_serial", "BRD1"},
            {"manufacturer", "Maker"},
            {"model", "M100"},
            {"tpm_ek_sha256", std::string(64, 'a')},
            {"disk_serials", List{"DSK1"}},
            {"nics", List{Record{{"mac", "00:11:22:33:44:55"}, {"type", "wired"}, {"bus", "pci"}},
                          Record{{"mac", "00:11:22:33:44:66"}, {"type", "wired"}, {"bus", "usb"}}}},
            {"os_build", "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"},
            {"mnemonic", "ABC1"},
            {"agent_version", "0.1.0"},
            {"agent_sha256", std::string(64, 'b')}};
}

const Record kByHand = {{"clets_mnemonic", "XYZ9"}, {"licensed_on", "2026-11-01"}, {"license_ref", "L-1"},
                        {"license_review_due", "2027-11-01"}, {"approved_by", "OP-1"}, {"desk", "Desk 1"}};

// Decision 25: what a person enters and what the terminal reports is all that a licensed terminal needs.
TEST(TerminalProposal, GivenWhatAPersonEnteredWhenTheTerminalReportedThenNothingIsMissingForALicence) {
    auto reports = reports_of(full_identity());
    reports.firmware = {{{"component", "bios"}, {"version", "1.2 b"}}};
    const Record agency{{"supplier", "Shop"}};
    Record entry = kByHand;
    for (const auto& [column, value] : propose_fields(entry, reports, &agency))
        entry.set(column, value);
    EXPECT_THAT(missing_of_licensed(entry), ::testing::IsEmpty());
    EXPECT_EQ(text_of(entry, "installed_on"), "2026-11-23");  // the county's day
    EXPECT_EQ(*entry.find("nics"), Value(List{"00:11:22:33:44:55/wired"}));
    EXPECT_EQ(*entry.find("firmware_allowed"), Value(List{"bios/1.2 b"}));
    EXPECT_EQ(*entry.find("agent_version_allowed"), Value(List{"0.1.0/" + std::string(64, 'b')}));
    EXPECT_EQ(text_of(entry, "os_name"), "Debian GNU/Linux 12 (bookworm)");
}

TEST(TerminalProposal, GivenCellsThatAPersonFilledThenNothingElseIsProposedForThem) {
    EXPECT_FALSE(propose_fields(kByHand, reports_of(full_identity()), nullptr).contains("clets_mnemonic"));
}

TEST(TerminalProposal, GivenAMachineWithoutSerialsThenNoneIsProposedWhichIsNotTheSameAsOpen) {
    const Record proposed = propose_fields({}, reports_of({{"disk_serials", List{}}}), nullptr);
    for (const auto* column : {"manufacturer", "model", "system_serial", "board_serial", "asset_tag"})
        EXPECT_EQ(text_of(proposed, column), "none") << column;
    for (const auto* column : {"disk_serials", "nics", "firmware_allowed"})
        EXPECT_EQ(*proposed.find(column), Value(List{"none"})) << column;
    EXPECT_FALSE(proposed.contains("supplier"));
    EXPECT_FALSE(proposed.contains("tpm_ek_sha256"));
}

}  // namespace
}  // namespace sallyport::registers
