// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/printer_identity.hpp"

#include <gtest/gtest.h>

#include "agent/sensors/print/account_label.hpp"
#include "agent/sensors/print/print_memory.hpp"

namespace sallyport::agent {
namespace {

TEST(PrinterIdentity, GivenADeviceUriWhenItIsClassifiedThenTheSchemeDecides) {
    EXPECT_EQ(printer_kind("socket://10.0.0.1:9100"), "network");
    EXPECT_EQ(printer_kind("IPPS://printer.example/ipp"), "network");
    EXPECT_EQ(printer_kind("smb://server/share"), "network");
    EXPECT_EQ(printer_kind("ipp://localhost:60000/ipp/print"), "local");
    EXPECT_EQ(printer_kind("ipp://localhost.evil.example/x"), "network");
    EXPECT_EQ(printer_kind("usb://HP/LaserJet?serial=1"), "local");
    EXPECT_EQ(printer_kind("hp:/net/OfficeJet?ip=1"), "network");
    EXPECT_EQ(printer_kind("hp:/usb/OfficeJet"), "local");
    EXPECT_EQ(printer_kind("cups-pdf:/"), "virtual");
    EXPECT_EQ(printer_kind("file:///dev/null"), "file");
    EXPECT_EQ(printer_kind("thnuclnt:/x"), "redirected");
    EXPECT_EQ(printer_kind("carrier-pigeon:/x"), "unknown");
    EXPECT_EQ(printer_kind(""), "unknown");
}

TEST(PrinterIdentity, GivenAPrinterThatIsAProgramOfThisMachineWhenItIsClassifiedThenOnlyIppUsbIsKnownToPrint) {
    EXPECT_EQ(printer_kind("ipp://[::1]:60001/ipp/print"), "local");
    EXPECT_EQ(printer_kind("ipp://localhost:8631/ipp/print"), "unknown") << "ippeveprinter, or anything";
    EXPECT_EQ(printer_kind("ipps://user@127.0.0.1/x"), "unknown") << "another queue of the same server";
    EXPECT_EQ(printer_kind("ipp://[::1]:631/x"), "unknown");
}

TEST(PrinterIdentity, GivenAVirtualRedirectedOrFilePrinterWhenItIsClassifiedThenItIsCalledSo) {
    EXPECT_EQ(printer_kind("cups-pdf:/"), "virtual");
    EXPECT_EQ(printer_kind("boomaga:/"), "virtual");
    EXPECT_EQ(printer_kind("file:///srv/out.prn"), "file");
    EXPECT_EQ(printer_kind("file:/tmp/out.prn"), "file");
    EXPECT_EQ(printer_kind("file:///dev/usb/lp0"), "local") << "paper, past the usb backend";
    EXPECT_EQ(printer_kind("thnuclnt:/_#HP"), "redirected");
    EXPECT_EQ(printer_kind("cups-x2go:/"), "redirected");
    EXPECT_EQ(printer_kind("smb://TSCLIENT/HP"), "redirected");
    EXPECT_EQ(identify_printer("HP LaserJet (redirected 3)", "socket://10.0.0.1").kind, "redirected");
    EXPECT_EQ(identify_printer("HP__Redirected_3_", "ipp://pc/x").kind, "redirected");
}

TEST(PrinterIdentity, GivenAWrapperWhenItIsClassifiedThenItIsWhatItWraps) {
    EXPECT_EQ(printer_kind("beh:/1/3/5/socket://10.0.0.1:9100"), "network");
    EXPECT_EQ(printer_kind("beh:/1/3/5/cups-pdf:/"), "virtual");
    EXPECT_EQ(printer_kind("beh:/1/3"), "unknown");
    EXPECT_EQ(printer_kind("gutenprint53+usb://canon/x"), "local");
}

TEST(PrinterIdentity, GivenAQueueWhoseNameIsNoTokenWhenItIsIdentifiedThenItHasNoId) {
    EXPECT_EQ(identify_printer("front", "usb://a").id, "front");
    EXPECT_EQ(identify_printer("vorn\xc3\xa9", "usb://a").id, std::nullopt);
    EXPECT_EQ(identify_printer("a", "usb://a").hash, identify_printer("b", "usb://a").hash);
    EXPECT_NE(identify_printer("a", "").hash, identify_printer("b", "").hash);
}

TEST(AccountLabel, GivenAHostileAccountWhenItIsMadeALabelThenItFitsAnEvent) {
    EXPECT_EQ(account_label("op1"), "op1");
    EXPECT_EQ(account_label("jos\xc3\xa9"), "jos\xc3\xa9");
    EXPECT_EQ(account_label("a\nb\x7f"), "a?b?");
    EXPECT_EQ(account_label("\xff\xc0\xaf\xed\xa0\x80"), "??????");
    EXPECT_EQ(account_label("\xe2\x82"), "??");
    EXPECT_EQ(account_label(std::string(500, 'x')).size(), 128u);
    EXPECT_EQ(account_label(std::string(127, 'x') + "\xc3\xa9").size(), 127u) << "no character is cut in two";
}

TEST(PrintMemory, GivenAMemoryWhenItIsSavedAndLoadedThenItIsTheSame) {
    const auto file = std::filesystem::path(::testing::TempDir()) / "sallyport-print-memory.json";
    std::filesystem::remove(file);
    EXPECT_FALSE(load_print_memory(file)->started) << "no file: nothing was ever looked at";

    PrintMemory memory;
    memory.started = true;
    memory.highest_job = 4711;
    memory.highest_created_at = WallTime(std::chrono::seconds(1'795'456'800));
    memory.open = {{4700, PrintJobState::held}, {4711, PrintJobState::pending}};
    memory.queues["front"] = identify_printer("front", "usb://a");
    memory.queues["vorn\xc3\xa9"] = identify_printer("vorn\xc3\xa9", "cups-pdf:/");
    memory.default_queue = "front";
    ASSERT_TRUE(save_print_memory(memory, file));
    EXPECT_EQ(*load_print_memory(file), memory);

    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
    EXPECT_EQ(load_print_memory(file).error().code(), Errc::corrupt);
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace sallyport::agent
