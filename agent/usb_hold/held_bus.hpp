// SPDX-License-Identifier: Apache-2.0
//
// Before an enforcing agent runs, the kernel is told to hold every device that is plugged from now on; when the agent is
// gone, however it went, the kernel is told to let them in again, and held keyboards and mice are freed, so that nobody is
// locked out by an agent that is dead. Composite devices stay held: a keyboard that is storage as well is what one would
// plug in just then.
//
// All of it is files of sysfs (Documentation/usb/authorization.rst): the folder is given, so that tests have one of their
// own. One process at a time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

struct HeldBusPaths {
    std::filesystem::path devices = "/sys/bus/usb/devices";
    std::filesystem::path memory = "/run/sallyport/usb-hold";  // what each bus was set to before; gone with the boot
};

// Sets `authorized_default` to 0 on every bus and keeps what it was. Done twice it does nothing more.
[[nodiscard]] Result<void> hold(const HeldBusPaths& paths);

// Sets every bus back to what it was and frees what is held and input only; the ports of those. Where nothing was held by
// hold(), nothing is done: another program may hold for reasons of its own. What cannot be written is passed over, so that
// one broken device locks nobody out, and makes the result an error in the end.
[[nodiscard]] Result<std::vector<std::string>> release(const HeldBusPaths& paths);

// Frees what came while release() was under way. The kernel decides that a device waits when it begins to recognise it and
// shows it a tenth of a second later and more: in between release() finds no device to free. Called for each device that the kernel
// shows as held (udev); where its bus lets devices in, nobody decides about it any more.
[[nodiscard]] Result<std::vector<std::string>> free_late(const HeldBusPaths& paths);

}  // namespace sallyport::agent
