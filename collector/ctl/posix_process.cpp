// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/posix_process.hpp"

#include <pwd.h>
#include <unistd.h>

#include <system_error>

namespace sallyport::ctl {

std::string user_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry == nullptr ? "root" : entry->pw_name;
}

std::filesystem::path program_folder() {
    std::error_code unknown;
    return std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
}

}  // namespace sallyport::ctl
