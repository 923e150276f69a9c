// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "agent/sensors/camera/camera_process.hpp"

namespace sallyport::agent {
namespace {

class LinuxCameraProcess final : public CameraProcess {
public:
    LinuxCameraProcess(pid_t process, int socket) : process_(process), socket_(socket) {}

    ~LinuxCameraProcess() override {
        ::close(socket_);
        ::kill(process_, SIGKILL);  // it holds nothing that would need tidying up
        int ignored = 0;
        while (::waitpid(process_, &ignored, 0) == -1 && errno == EINTR) {
        }
    }

    Result<std::optional<camera::Report>> read(std::chrono::milliseconds patience) override {
        pollfd wait{socket_, POLLIN, 0};
        const int ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
        if (ready == 0 || (ready == -1 && errno == EINTR))
            return std::optional<camera::Report>();
        // The socket keeps messages whole: one byte more than a report has shows one that is too long.
        std::array<std::uint8_t, camera::kMessageBytes + 1> bytes{};
        const auto size = ::read(socket_, bytes.data(), bytes.size());
        if (size <= 0)
            return Error(Errc::unavailable, "camera process: ended");
        auto report = camera::decode(std::span(bytes).first(static_cast<std::size_t>(size)));
        if (!report)
            return report.error();
        return std::optional(std::move(report).value());
    }

    void tell_input(std::chrono::milliseconds ago) override {
        send(camera::encode_input(static_cast<std::uint32_t>(ago.count() / 100)));
    }

    void ask_for_pattern(std::chrono::seconds span) override {
        send(camera::encode_pattern_wish(static_cast<std::uint32_t>(span.count())));
    }

private:
    void send(const camera::Note& note) const {
        (void)::send(socket_, note.data(), note.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    pid_t process_;
    int socket_;
};

}  // namespace

Result<std::unique_ptr<CameraProcess>> start_camera_process(const std::vector<std::string>& command) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return Error(Errc::io, "camera process: no socket: " + std::generic_category().message(errno));
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
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], kCameraSocket);
    posix_spawn_file_actions_addclosefrom_np(&actions, kCameraSocket + 1);
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
