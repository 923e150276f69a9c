// SPDX-License-Identifier: Apache-2.0
#include "agent/service/linux_host.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "protocol/crypto.hpp"

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
    std::ifstream in("/proc/self/exe", std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    if (!in || content.str().empty())
        return Error(Errc::io, "the running program's file cannot be read");
    return to_hex(sha256(bytes_of(content.view())));
}

}  // namespace sallyport::agent
