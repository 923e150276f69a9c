// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/efi_boot.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kOptionHeader = 6;  // attributes, length of the path list
constexpr std::size_t kNodeHeader = 4;    // type, subtype, length
constexpr std::uint8_t kMessaging = 0x03;
constexpr std::uint8_t kMedia = 0x04;
constexpr std::uint8_t kEnd = 0x7f;
constexpr std::uint8_t kHardDrive = 0x01;
constexpr std::size_t kGuidAt = 24;  // in a hard drive node: table 10-49
constexpr std::size_t kGuidFormatAt = 41;
constexpr std::uint8_t kGuidFormat = 0x02;

struct NodeRow {
    std::uint8_t type, subtype;
    BootSource source;
};

constexpr NodeRow kNodes[] = {
    {kMessaging, 0x05, BootSource::usb},       // USB
    {kMessaging, 0x0f, BootSource::usb},       // USB class
    {kMessaging, 0x10, BootSource::usb},       // USB WWID
    {kMessaging, 0x0b, BootSource::network},   // MAC address
    {kMessaging, 0x0c, BootSource::network},   // IPv4
    {kMessaging, 0x0d, BootSource::network},   // IPv6
    {kMessaging, 0x18, BootSource::network},   // URI
    {kMessaging, 0x01, BootSource::internal},  // ATAPI
    {kMessaging, 0x12, BootSource::internal},  // SATA
    {kMessaging, 0x17, BootSource::internal},  // NVMe
    {kMessaging, 0x1d, BootSource::internal},  // eMMC
    {kMedia, 0x02, BootSource::optical},       // CD-ROM, after the bus it hangs on
};

std::size_t word_at(ByteView bytes, std::size_t at) {
    return static_cast<std::size_t>(bytes[at]) | static_cast<std::size_t>(bytes[at + 1]) << 8;
}

// The first three groups are stored the other way round (UEFI appendix A).
std::string guid_text(ByteView raw) {
    constexpr std::size_t kOrder[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    std::string text;
    for (std::size_t at = 0; at < 16; ++at) {
        if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
        text += to_hex(raw.subspan(kOrder[at], 1));
    }
    return text;
}

void read_node(EfiBootPath& path, ByteView node) {
    for (const NodeRow& row : kNodes)
        if (row.type == node[0] && row.subtype == node[1]) path.source = row.source;
    const bool drive = node[0] == kMedia && node[1] == kHardDrive;
    if (drive && node.size() > kGuidFormatAt && node[kGuidFormatAt] == kGuidFormat)
        path.partition_guid = guid_text(node.subspan(kGuidAt, 16));
}

}  // namespace

EfiBootPath read_efi_load_option(ByteView option) {
    EfiBootPath path;
    if (option.size() < kOptionHeader) return path;
    std::size_t at = kOptionHeader;
    while (at + 1 < option.size() && word_at(option, at) != 0)
        at += 2;  // the entry's name
    at += 2;
    const std::size_t end = at + word_at(option, 4);
    if (end > option.size()) return path;
    EfiBootPath found;
    while (at + kNodeHeader <= end) {
        const std::size_t length = word_at(option, at + 2);
        if (length < kNodeHeader || at + length > end) return path;
        if (option[at] == kEnd) break;
        read_node(found, option.subspan(at, length));
        at += length;
    }
    return found;
}

}  // namespace sallyport::agent
