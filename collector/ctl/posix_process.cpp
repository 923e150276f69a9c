// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/posix_process.hpp"

#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace sallyport::ctl {

Result<bool> reload_process(const std::filesystem::path& pid_file, std::string_view program) {
    std::ifstream in(pid_file);
    long process = 0;
    if (!(in >> process) || process <= 1)
        return false;
    std::ifstream command("/proc/" + std::to_string(process) + "/comm");
    std::string name;
    if (!std::getline(command, name) || name != program)
        return false;
    if (::kill(static_cast<pid_t>(process), SIGHUP) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    return Error(Errc::io, pid_file.string() + ": its process cannot be told to reload: " +
                               std::generic_category().message(errno));
}

std::string user_name() {
    const passwd* entry = ::getpwuid(::geteuid());
    return entry == nullptr ? "root" : entry->pw_name;
}

}  // namespace sallyport::ctl
