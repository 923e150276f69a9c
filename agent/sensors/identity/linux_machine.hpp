// SPDX-License-Identifier: Apache-2.0
//
// The machine as the Linux kernel and its firmware tell of it: files below one root, so that a recorded tree
// can stand in for it. Only "/" itself is also asked by ioctl for a network card's permanent address.
//
// The TPM's endorsement key is not among what the kernel shows; it stays absent here.
#pragma once

#include <filesystem>
#include <memory>

namespace sallyport::agent {

class Machine;

[[nodiscard]] std::unique_ptr<Machine> make_linux_machine(std::filesystem::path root = "/");

}  // namespace sallyport::agent
