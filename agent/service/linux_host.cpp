// SPDX-License-Identifier: Apache-2.0
#include "agent/service/linux_host.hpp"

#include <algorithm>
#include <fstream>

#include "protocol/file_digest.hpp"

namespace sallyport::agent {

Result<std::string> boot_id() {
    std::ifstream in("/proc/sys/kernel/random/boot_id");
    std::string id;
    in >> id;
    std::erase(id, '-');
    if (id.size() != 32)
        return Error(Errc::io, "the kernel's boot id cannot be read");
    return id;
}

Result<std::string> program_sha256() {
    const auto digest = sha256_of_file("/proc/self/exe");
    if (!digest)
        return digest.error().within("the running program");
    return to_hex(*digest);
}

}  // namespace sallyport::agent
