// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/udev_mounts.hpp"

#include <fcntl.h>
#include <libudev.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "agent/sensors/usb/mount_table.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kKindLongest = 32;
constexpr int kLayersDeepest = 8;  // device mapper on device mapper
constexpr std::uint64_t kSectorBytes = 512;

struct ReleaseUdev {
    void operator()(udev* handle) const { udev_unref(handle); }
};
struct ReleaseDevice {
    void operator()(udev_device* device) const { udev_device_unref(device); }
};
using Udev = std::unique_ptr<udev, ReleaseUdev>;
using Device = std::unique_ptr<udev_device, ReleaseDevice>;

// One line of mountinfo, proc(5). Of the mount point only this is kept: whether the machine runs from it.
struct MountLine {
    std::string id;
    dev_t device = 0;
    bool read_only = false;
    bool system = false;
    std::string fs_kind;
    std::string source;
};

bool is_systems_own(const std::string& place) {
    constexpr std::string_view kOwn[] = {"/", "/usr", "/var", "/boot", "/home"};
    return place.starts_with("/boot/") || std::find(std::begin(kOwn), std::end(kOwn), place) != std::end(kOwn);
}

bool has_option(const std::string& options, std::string_view wanted) {
    std::istringstream list(options);
    for (std::string option; std::getline(list, option, ',');)
        if (option == wanted) return true;
    return false;
}

std::optional<MountLine> parse(const std::string& line) {
    std::istringstream words(line);
    MountLine mount;
    std::string parent, number, root, place, options, word, super_options;
    if (!(words >> mount.id >> parent >> number >> root >> place >> options)) return std::nullopt;
    while (words >> word && word != "-") {
    }
    if (!(words >> mount.fs_kind >> mount.source)) return std::nullopt;
    words >> super_options;
    unsigned major_number = 0, minor_number = 0;
    char colon = 0;
    if (!(std::istringstream(number) >> major_number >> colon >> minor_number) || colon != ':')
        return std::nullopt;
    mount.device = makedev(major_number, minor_number);
    mount.system = is_systems_own(place);
    mount.read_only = has_option(options, "ro") || has_option(super_options, "ro");
    return mount;
}

// btrfs and others show an anonymous number; their source is the block device's node.
dev_t block_device_of(const MountLine& mount) {
    struct stat about {};
    if (major(mount.device) != 0 || !mount.source.starts_with("/dev/")) return mount.device;
    return stat(mount.source.c_str(), &about) == 0 && S_ISBLK(about.st_mode) ? about.st_rdev : mount.device;
}

std::uint64_t number_in(const char* text) {
    std::uint64_t number = 0;
    if (text != nullptr) std::from_chars(text, text + std::char_traits<char>::length(text), number);
    return number;
}

bool is_mapped(udev_device* device) {
    const char* name = udev_device_get_sysname(device);
    return name != nullptr && std::string_view(name).starts_with("dm-");
}

bool is_crypt(udev_device* device) {
    const char* uuid = udev_device_get_sysattr_value(device, "dm/uuid");
    return uuid != nullptr && std::string_view(uuid).starts_with("CRYPT-");
}

// As a token: a kernel names its file systems decently, a FUSE program need not.
std::string kind_token(std::string kind) {
    const auto odd = [](unsigned char c) { return !(std::isalnum(c) || c == '.' || c == '_' || c == '-'); };
    std::replace_if(kind.begin(), kind.end(), odd, '_');
    kind.resize(std::min(kind.size(), kKindLongest));
    return kind;
}

// Whether what is written ends up readable on the medium; a FUSE program may encrypt by itself.
Encryption encryption_without_crypt(const std::string& kind) {
    const bool kernel = !kind.starts_with("fuse") || kind == "fuseblk";
    return kernel ? Encryption::no : Encryption::unknown;
}

class UdevMounts final : public MountTable {
public:
    explicit UdevMounts(std::filesystem::path mountinfo)
        : mountinfo_(std::move(mountinfo)),
          udev_(udev_new()),
          wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~UdevMounts() override {
        unwatch();
        if (wake_ >= 0) close(wake_);
    }
    UdevMounts(const UdevMounts&) = delete;
    UdevMounts& operator=(const UdevMounts&) = delete;

    [[nodiscard]] Result<std::vector<UsbMount>> mounts() override;
    [[nodiscard]] Result<void> watch(std::function<void()> changed) override;
    void unwatch() override;

private:
    [[nodiscard]] std::optional<UsbMount> lead_back(const MountLine& line) const;
    [[nodiscard]] Device device_below(udev_device* mapped) const;
    void listen(const std::stop_token& stop, int table, const std::function<void()>& changed) const;

    std::filesystem::path mountinfo_;
    Udev udev_;
    int wake_;
    std::jthread listener_;
};

Result<std::vector<UsbMount>> UdevMounts::mounts() {
    std::ifstream table(mountinfo_);
    if (!table || !udev_)
        return Error(Errc::unavailable, "mounts: " + mountinfo_.string() + ": cannot be read");
    std::vector<UsbMount> found;
    for (std::string line; std::getline(table, line);)
        if (const auto mount = parse(line))
            if (auto on_usb = lead_back(*mount)) found.push_back(std::move(*on_usb));
    return found;
}

std::optional<UsbMount> UdevMounts::lead_back(const MountLine& line) const {
    Device device(udev_device_new_from_devnum(udev_.get(), 'b', block_device_of(line)));
    if (!device) return std::nullopt;
    UsbMount mount;
    mount.size_mb = number_in(udev_device_get_sysattr_value(device.get(), "size")) * kSectorBytes / 1'000'000;
    mount.fs_kind = kind_token(line.fs_kind);
    mount.encrypted = encryption_without_crypt(line.fs_kind);
    for (int layer = 0; is_mapped(device.get()) && layer < kLayersDeepest; ++layer) {
        if (is_crypt(device.get())) mount.encrypted = Encryption::yes;
        device = device_below(device.get());
        if (!device) return std::nullopt;
    }
    udev_device* usb = udev_device_get_parent_with_subsystem_devtype(device.get(), "usb", "usb_device");
    if (usb == nullptr) return std::nullopt;
    mount.device.bus = static_cast<std::uint8_t>(number_in(udev_device_get_sysattr_value(usb, "busnum")));
    mount.device.device = static_cast<std::uint8_t>(number_in(udev_device_get_sysattr_value(usb, "devnum")));
    mount.read_only = line.read_only;
    mount.system = line.system;
    mount.id = line.id + (line.read_only ? "r" : "w");  // a remount is told as well
    return mount;
}

// The first of the devices that a mapped one is made of.
Device UdevMounts::device_below(udev_device* mapped) const {
    std::error_code failed;
    const std::filesystem::path slaves = std::filesystem::path(udev_device_get_syspath(mapped)) / "slaves";
    for (const auto& entry : std::filesystem::directory_iterator(slaves, failed))
        return Device(
            udev_device_new_from_subsystem_sysname(udev_.get(), "block", entry.path().filename().c_str()));
    return nullptr;
}

Result<void> UdevMounts::watch(std::function<void()> changed) {
    unwatch();
    const int table = open(mountinfo_.c_str(), O_RDONLY | O_CLOEXEC);
    if (table < 0) return Error(Errc::unavailable, "mounts: " + mountinfo_.string() + ": cannot be opened");
    eventfd_t stale = 0;
    eventfd_read(wake_, &stale);
    listener_ = std::jthread([this, table, told = std::move(changed)](const std::stop_token& stop) {
        listen(stop, table, told);
        close(table);
    });
    return {};
}

void UdevMounts::unwatch() {
    if (!listener_.joinable()) return;
    listener_.request_stop();
    eventfd_write(wake_, 1);
    listener_.join();
}

// The kernel raises POLLPRI on an open mountinfo after every change (proc(5)).
void UdevMounts::listen(const std::stop_token& stop, int table, const std::function<void()>& changed) const {
    while (!stop.stop_requested()) {
        pollfd watched[] = {{table, POLLPRI, 0}, {wake_, POLLIN, 0}};
        if (poll(watched, 2, -1) > 0 && watched[0].revents != 0) changed();
    }
}

}  // namespace

std::unique_ptr<MountTable> make_udev_mounts(std::filesystem::path mountinfo) {
    return std::make_unique<UdevMounts>(std::move(mountinfo));
}

}  // namespace sallyport::agent
