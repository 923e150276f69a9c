// SPDX-License-Identifier: Apache-2.0
//
// A machine as a tree of files in a temporary folder, to be changed under the sensor's eyes.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/test_broker.hpp"

namespace sallyport::testing {

class RecordedMachine {
public:
    [[nodiscard]] const std::filesystem::path& root() const { return folder_.path(); }

    void write(const std::string& path, const std::string& content) {
        std::filesystem::create_directories((root() / path).parent_path());
        std::ofstream(root() / path, std::ios::binary) << content;
    }
    void link(const std::string& path, const std::string& target) {
        std::filesystem::create_directories((root() / path).parent_path());
        std::filesystem::create_symlink(root() / target, root() / path);
    }
    void remove(const std::string& path) { std::filesystem::remove_all(root() / path); }

    void add_card(const std::string& name, const std::string& mac, const std::string& place) {
        const std::string device = "sys/devices/" + place + "/net/" + name;
        write(device + "/address", mac + "\n");
        write(device + "/type", "1\n");
        write(device + "/addr_assign_type", "0\n");
        write(device + "/uevent", "INTERFACE=" + name + "\n");
        link("sys/class/net/" + name, device);
    }
    void add_disk(const std::string& name, const std::string& serial, const std::string& place) {
        const std::string device = "sys/devices/" + place + "/block/" + name;
        write(device + "/removable", "0\n");
        write(device + "/device/serial", serial + "\n");
        link("sys/block/" + name, device);
        link("sys/class/block/" + name, device);
    }
    void efi(const std::string& name, const std::string& value) {
        write("sys/firmware/efi/efivars/" + name + "-8be4df61-93ca-11d2-aa0d-00e098032b8c",
              std::string("\x06\0\0\0", 4) + value);
    }

    // A desk-top computer as they are bought.
    void furnish() {
        write("proc/sys/kernel/random/boot_id", "0f5e6c1c-1111-2222-3333-444455556666\n");
        write("proc/sys/kernel/hostname", "hq-desk-1\n");
        write("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
        write("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");
        write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        write("sys/class/dmi/id/sys_vendor", "Example Computers \n");
        write("sys/class/dmi/id/product_name", "Desk 3000\n");
        write("sys/class/dmi/id/product_serial", "SYS-1\n");
        write("sys/class/dmi/id/board_serial", "BRD-1\n");
        write("sys/class/dmi/id/chassis_asset_tag", "AT-0001\n");
        write("sys/class/tpm/tpm0/tpm_version_major", "2\n");
        add_card("enp3s0", "52:54:00:00:00:01", "pci0000:00/0000:00:1c.0/0000:03:00.0");
        add_disk("nvme0n1", "DISK 1", "pci0000:00/0000:00:1d.0/nvme/nvme0");
        efi("SecureBoot", "\x01");
    }

private:
    TemporaryFolder folder_;
};

}  // namespace sallyport::testing
