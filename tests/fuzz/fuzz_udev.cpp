// SPDX-License-Identifier: Apache-2.0
//
// What the kernel tells of devices: its messages, its table of dropped ones, its table of mounts. The texts in them
// come from whoever made the device or named the file system.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/sensors/host/uevent.hpp"
#include "agent/sensors/usb/linux_netlink_drops.hpp"
#include "agent/sensors/usb/mount_table.hpp"
#include "agent/sensors/usb/udev_mounts.hpp"

using namespace sallyport::agent;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const int file = memfd_create("mountinfo", MFD_CLOEXEC);
    static const auto mounts = make_udev_mounts("/proc/self/fd/" + std::to_string(file));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto subsystem = subsystem_of(text))
        if (subsystem->data() < text.data() || subsystem->data() + subsystem->size() > text.data() + size)
            __builtin_trap();
    (void)uevent_drops_in(std::string(text), {1, 2, 3});
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) __builtin_trap();
    if (auto found = mounts->mounts())
        for (const UsbMount& mount : *found)
            if (mount.fs_kind.size() > 32) __builtin_trap();
    return 0;
}
