// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "agent/sensors/camera/camera_process.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kLineBytesMax = 1024;  // the longest event is under 300

class LinuxCameraProcess final : public CameraProcess {
public:
    LinuxCameraProcess(pid_t process, int pipe) : process_(process), pipe_(pipe) {}

    ~LinuxCameraProcess() override {
        ::close(pipe_);
        ::kill(process_, SIGKILL);  // it holds nothing that would need tidying up
        int ignored = 0;
        while (::waitpid(process_, &ignored, 0) == -1 && errno == EINTR) {
        }
    }

    Result<std::optional<std::string>> read_line(std::chrono::milliseconds patience) override {
        for (;;) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return std::optional(std::move(line));
            }
            if (buffer_.size() > kLineBytesMax)
                return Error(Errc::exhausted, "camera process: a line of more than 1024 bytes");
            pollfd wait{pipe_, POLLIN, 0};
            const int ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
            if (ready == 0 || (ready == -1 && errno == EINTR))
                return std::optional<std::string>();
            char chunk[512];
            const auto size = ::read(pipe_, chunk, sizeof chunk);
            if (size <= 0)
                return Error(Errc::unavailable, "camera process: ended");
            buffer_.append(chunk, static_cast<std::size_t>(size));
        }
    }

private:
    pid_t process_;
    int pipe_;
    std::string buffer_;
};

}  // namespace

Result<std::unique_ptr<CameraProcess>> start_camera_process(const std::vector<std::string>& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return Error(Errc::io, "camera process: no pipe: " + std::generic_category().message(errno));
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    static char path[] = "PATH=/usr/bin:/bin";
    char* environment[] = {path, nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    pid_t process = 0;
    const int failed = ::posix_spawn(&process, arguments[0], &actions, nullptr, arguments.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) {
        ::close(ends[0]);
        return Error(Errc::io, "camera process " + command[0] + ": " + std::generic_category().message(failed));
    }
    return std::unique_ptr<CameraProcess>(std::make_unique<LinuxCameraProcess>(process, ends[0]));
}

bool is_root_made(const std::string& file) {
    struct stat facts {};
    return ::lstat(file.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_uid == 0 &&
           (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace sallyport::agent
