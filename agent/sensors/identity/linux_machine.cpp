// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/linux_machine.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <string_view>
#include <tuple>

#include "agent/sensors/identity/boot_medium.hpp"
#include "agent/sensors/identity/efi_boot.hpp"
#include "agent/sensors/identity/last_shutdown.hpp"
#include "agent/sensors/identity/machine.hpp"
#include "agent/sensors/kernel_files.hpp"
#include "protocol/crypto.hpp"
#include "protocol/file_digest.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMacLetters = 17;
constexpr std::string_view kEthernet = "1";  // ARPHRD_ETHER
constexpr std::string_view kEfiGlobal = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
constexpr std::string_view kEfiLoader = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";  // systemd's boot loader interface
constexpr std::size_t kEfiAttributes = 4;  // efivarfs puts them before the value

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

CardBus bus_at(std::string_view place) {
    if (contains(place, "/devices/virtual/")) return CardBus::virtual_bus;
    if (contains(place, "/usb")) return CardBus::usb;
    return contains(place, "/pci") ? CardBus::pci : CardBus::other;
}

// The serial in a SCSI "unit serial number" page: four bytes of header, the last of them the length.
std::optional<std::string> serial_in_page(const fs::path& path) {
    const auto page = read_bytes(path);
    if (!page || page->size() <= 4) return std::nullopt;
    std::string serial;
    for (const char c : page->substr(4, static_cast<unsigned char>((*page)[3])))
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.') serial += c;
    if (serial.empty()) return std::nullopt;
    return serial.substr(0, 64);
}

std::optional<std::string> permanent_mac(const std::string& name) {
    alignas(ethtool_perm_addr) std::array<char, sizeof(ethtool_perm_addr) + 32> buffer{};
    auto* query = reinterpret_cast<ethtool_perm_addr*>(buffer.data());
    query->cmd = ETHTOOL_GPERMADDR;
    query->size = 32;
    ifreq request{};
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    request.ifr_data = buffer.data();
    const int any_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any_socket < 0) return std::nullopt;
    const bool answered = ioctl(any_socket, SIOCETHTOOL, &request) == 0 && query->size == 6;
    close(any_socket);
    const ByteView address(query->data, answered ? 6 : 0);
    if (std::all_of(address.begin(), address.end(), [](std::uint8_t byte) { return byte == 0; }))
        return std::nullopt;
    std::string mac;
    for (std::size_t at = 0; at < address.size(); ++at)
        mac += (at == 0 ? "" : ":") + to_hex(address.subspan(at, 1));
    return mac;
}

class LinuxMachine final : public Machine {
public:
    explicit LinuxMachine(fs::path root) : root_(std::move(root)) {}

    [[nodiscard]] MachineFacts facts() override;
    [[nodiscard]] Result<BootFacts> boot() override;
    [[nodiscard]] std::optional<std::string> program_sha256() override;
    void sleep(std::stop_token stop, std::chrono::milliseconds pause) override;

private:
    void read_dmi(MachineFacts& facts) const;
    void read_system(MachineFacts& facts) const;
    [[nodiscard]] std::vector<std::string> disk_serials() const;
    [[nodiscard]] std::optional<std::string> disk_serial(const fs::path& disk) const;
    [[nodiscard]] std::vector<NetworkCard> cards() const;
    [[nodiscard]] std::optional<std::string> mac_of(const fs::path& card) const;
    [[nodiscard]] std::optional<std::vector<PciDevice>> pci_devices() const;
    [[nodiscard]] std::optional<std::vector<UsbPlace>> usb_places() const;
    [[nodiscard]] BootSource boot_source() const;
    [[nodiscard]] BootSource source_by_firmware() const;
    [[nodiscard]] BootSource source_by_loader() const;
    [[nodiscard]] BootSource source_of_partition(const std::string& guid) const;
    [[nodiscard]] SecureBoot secure_boot() const;
    [[nodiscard]] std::optional<std::string> measure_digest() const;
    [[nodiscard]] std::optional<std::string> efi_variable(const std::string& name,
                                                          std::string_view vendor = kEfiGlobal) const;

    fs::path root_;
    std::optional<std::string> program_;
};

MachineFacts LinuxMachine::facts() {
    MachineFacts facts;
    read_dmi(facts);
    read_system(facts);
    std::error_code failed;
    if (fs::exists(root_ / "sys/block", failed)) facts.disk_serials = disk_serials();
    facts.pci = pci_devices();
    facts.usb = usb_places();
    // Every kernel shows its loopback there: without it nothing tells that there is no card and no TPM.
    if (fs::exists(root_ / "sys/class/net", failed)) {
        facts.cards = cards();
        facts.tpm_present = fs::exists(root_ / "sys/class/tpm/tpm0", failed);
    }
    return facts;
}

void LinuxMachine::read_dmi(MachineFacts& facts) const {
    const fs::path dmi = root_ / "sys/class/dmi/id";
    facts.asset_tag = read_label(dmi / "chassis_asset_tag", 64);
    facts.system_serial = read_label(dmi / "product_serial", 64);
    facts.board_serial = read_label(dmi / "board_serial", 64);
    facts.manufacturer = read_label(dmi / "sys_vendor", 128);
    facts.model = read_label(dmi / "product_name", 128);
    facts.serials_forbidden = access((dmi / "product_serial").c_str(), F_OK) == 0 &&
                              access((dmi / "product_serial").c_str(), R_OK) != 0;
}

void LinuxMachine::read_system(MachineFacts& facts) const {
    facts.hostname = read_label(root_ / "proc/sys/kernel/hostname", 128);
    if (const auto id = read_label(root_ / "etc/machine-id", 64))
        facts.machine_id_sha256 = to_hex(sha256(bytes_of(*id)));
    std::string build;
    std::ifstream release(root_ / "etc/os-release");
    for (std::string line; std::getline(release, line);)
        if (line.starts_with("PRETTY_NAME=")) build = line.substr(12);
    std::erase_if(build, [](char c) { return c == '"' || c < 0x20 || c > 0x7e; });
    if (const auto kernel = read_label(root_ / "proc/sys/kernel/osrelease", 64))
        build += (build.empty() ? "Linux " : ", Linux ") + *kernel;
    if (!build.empty()) facts.os_build = build.substr(0, 128);
}

// A disk counts as internal when it hangs on a real device, is not removable and not on USB.
std::vector<std::string> LinuxMachine::disk_serials() const {
    std::vector<std::string> serials;
    std::error_code failed;
    for (const fs::path& disk : entries(root_ / "sys/block")) {
        if (!fs::exists(disk / "device", failed) || contains(place_of(disk), "/usb")) continue;
        if (read_label(disk / "removable", 1) == "1") continue;
        if (auto serial = disk_serial(disk)) serials.push_back(std::move(*serial));
    }
    std::sort(serials.begin(), serials.end());
    serials.erase(std::unique(serials.begin(), serials.end()), serials.end());
    return serials;
}

std::optional<std::string> LinuxMachine::disk_serial(const fs::path& disk) const {
    if (auto serial = read_token(disk / "serial")) return serial;         // virtio
    if (auto serial = read_token(disk / "device/serial")) return serial;  // NVMe, eMMC
    return serial_in_page(disk / "device/vpd_pg80");                      // SATA, SAS
}

std::vector<NetworkCard> LinuxMachine::cards() const {
    std::vector<NetworkCard> found;
    std::error_code failed;
    for (const fs::path& path : entries(root_ / "sys/class/net")) {
        if (read_label(path / "type", 8) != kEthernet) continue;
        auto mac = mac_of(path);
        if (!mac) continue;
        NetworkCard card{std::move(*mac), CardKind::wired, bus_at(place_of(path))};
        const auto details = read_bytes(path / "uevent").value_or("");
        if (card.bus == CardBus::virtual_bus)
            card.kind = CardKind::virtual_card;
        else if (fs::exists(path / "wireless", failed) || contains(details, "DEVTYPE=wlan"))
            card.kind = CardKind::wifi;
        else if (contains(details, "DEVTYPE=wwan"))
            card.kind = CardKind::cellular;
        found.push_back(std::move(card));
    }
    std::sort(found.begin(), found.end(), [](const NetworkCard& one, const NetworkCard& other) {
        return std::tie(one.bus, one.mac) < std::tie(other.bus, other.mac);
    });
    return found;
}

std::optional<std::string> LinuxMachine::mac_of(const fs::path& card) const {
    auto mac = read_token(card / "address", kMacLetters);
    if (!mac || mac->size() != kMacLetters || *mac == "00:00:00:00:00:00") return std::nullopt;
    // Wireless cards take a random address to look for networks: that is no change of hardware.
    const bool own = read_label(card / "addr_assign_type", 2).value_or("0") == "0";
    if (!own && root_ == "/")
        if (auto permanent = permanent_mac(card.filename().string())) return permanent;
    return mac;
}

// What the kernel numbers anew at each boot is left out: only the place on the bus and what the device says of itself.
std::optional<std::vector<PciDevice>> LinuxMachine::pci_devices() const {
    std::error_code failed;
    if (!fs::exists(root_ / "sys/bus/pci/devices", failed)) return std::nullopt;
    std::vector<PciDevice> found;
    for (const fs::path& device : entries(root_ / "sys/bus/pci/devices")) {
        const auto word = [&](const char* file) { return read_token(device / file, 10).value_or("-"); };
        const std::string group = word("class");  // 0x020000
        if (group.size() != 8) continue;
        found.push_back({device.filename().string() + " " + word("vendor") + ":" + word("device") + " " +
                             word("subsystem_vendor") + ":" + word("subsystem_device"),
                         group.substr(2, 4)});
    }
    std::sort(found.begin(), found.end());
    return found;
}

std::optional<std::vector<UsbPlace>> LinuxMachine::usb_places() const {
    std::error_code failed;
    if (!fs::exists(root_ / "sys/bus/usb/devices", failed)) return std::nullopt;
    std::vector<UsbPlace> found;
    for (const fs::path& device : entries(root_ / "sys/bus/usb/devices")) {
        const auto vid = read_token(device / "idVendor", 4), pid = read_token(device / "idProduct", 4);
        if (vid && pid) found.push_back({device.filename().string(), *vid, *pid});
    }
    std::sort(found.begin(), found.end());
    return found;
}

Result<BootFacts> LinuxMachine::boot() {
    const auto id = read_token(root_ / "proc/sys/kernel/random/boot_id");
    if (!id) return Error(Errc::io, "machine: the kernel's boot id cannot be read");
    BootFacts facts;
    facts.boot_id = *id;
    facts.source = boot_source();
    facts.secure_boot = secure_boot();
    facts.measure_digest = measure_digest();
    facts.last_shutdown = read_last_shutdown(root_);
    return facts;
}

std::optional<std::string> LinuxMachine::efi_variable(const std::string& name, std::string_view vendor) const {
    auto bytes = read_bytes(root_ / "sys/firmware/efi/efivars" / (name + std::string(vendor)));
    if (!bytes || bytes->size() <= kEfiAttributes) return std::nullopt;
    return bytes->substr(kEfiAttributes);
}

// The firmware knows best; a loader knows the partition it came from; else the medium of the system that runs.
BootSource LinuxMachine::boot_source() const {
    BootSource source = source_by_firmware();
    if (source == BootSource::unknown) source = source_by_loader();
    return source == BootSource::unknown ? boot_medium(root_) : source;
}

// LoaderDevicePartUUID is UTF-16 of ASCII letters.
BootSource LinuxMachine::source_by_loader() const {
    const auto value = efi_variable("LoaderDevicePartUUID", kEfiLoader);
    if (!value) return BootSource::unknown;
    std::string guid;
    for (const char c : *value)
        if (c != '\0') guid += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return source_of_partition(guid);
}

BootSource LinuxMachine::source_by_firmware() const {
    const auto current = efi_variable("BootCurrent");
    if (!current || current->size() != 2) return BootSource::unknown;
    static constexpr char kDigits[] = "0123456789ABCDEF";
    const auto low = static_cast<unsigned char>((*current)[0]);
    const auto high = static_cast<unsigned char>((*current)[1]);
    const std::string number{kDigits[high >> 4], kDigits[high & 15], kDigits[low >> 4], kDigits[low & 15]};
    const auto option = efi_variable("Boot" + number);
    if (!option) return BootSource::unknown;
    const EfiBootPath path = read_efi_load_option(bytes_of(*option));
    const bool ask_disks = path.source == BootSource::unknown && path.partition_guid;
    return ask_disks ? source_of_partition(*path.partition_guid) : path.source;
}

BootSource LinuxMachine::source_of_partition(const std::string& guid) const {
    std::error_code failed;
    const fs::path node = fs::read_symlink(root_ / "dev/disk/by-partuuid" / guid, failed);
    const std::string place = place_of(root_ / "sys/class/block" / node.filename());
    if (failed || place.empty()) return BootSource::unknown;
    return contains(place, "/usb") ? BootSource::usb : BootSource::internal;
}

SecureBoot LinuxMachine::secure_boot() const {
    if (const auto state = efi_variable("SecureBoot"))
        return (*state)[0] == 1 ? SecureBoot::on : SecureBoot::off;
    std::error_code failed;
    // Firmware tables but no UEFI: a machine that knows no Secure Boot.
    const bool legacy =
        fs::exists(root_ / "sys/firmware/dmi", failed) && !fs::exists(root_ / "sys/firmware/efi", failed);
    return legacy ? SecureBoot::off : SecureBoot::unknown;
}

std::optional<std::string> LinuxMachine::measure_digest() const {
    std::string registers;
    for (int number = 0; number < 8; ++number) {
        const auto value = read_token(root_ / "sys/class/tpm/tpm0/pcr-sha256" / std::to_string(number));
        if (!value) return std::nullopt;
        registers += *value;
    }
    return to_hex(sha256(bytes_of(registers)));
}

// Read once: a running program's file cannot be written to, and one put in its place is not what runs.
std::optional<std::string> LinuxMachine::program_sha256() {
    if (program_) return program_;
    if (const auto digest = sha256_of_file("/proc/self/exe")) program_ = to_hex(*digest);
    return program_;
}

void LinuxMachine::sleep(std::stop_token stop, std::chrono::milliseconds pause) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, pause, [] { return false; });
}

}  // namespace

std::unique_ptr<Machine> make_linux_machine(fs::path root) {
    return std::make_unique<LinuxMachine>(std::move(root));
}

}  // namespace sallyport::agent
