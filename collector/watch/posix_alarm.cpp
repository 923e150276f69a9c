// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "collector/watch/alarm.hpp"

namespace sallyport::watch {
namespace {

std::string reason() {
    return std::generic_category().message(errno);
}

// A file in memory rather than a pipe: a program that does not read cannot make us wait.
Result<int> text_descriptor(const std::string& text) {
    const int file = ::memfd_create("alarm", MFD_CLOEXEC);
    if (file < 0 || ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::lseek(file, 0, SEEK_SET) != 0) {
        Error failure(Errc::io, "its text: " + reason());
        if (file >= 0) ::close(file);
        return failure;
    }
    return file;
}

// Its own process group, no signal blocked: a service's blocked SIGTERM would be inherited.
Result<pid_t> spawn(const std::vector<std::string>& command, int input) {
    std::vector<char*> arguments;
    for (const std::string& word : command)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    pid_t process = 0;
    const int failed = ::posix_spawn(&process, arguments[0], &files, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (failed != 0) return Error(Errc::io, "cannot be started: " + std::generic_category().message(failed));
    return process;
}

Result<void> await_end(pid_t process, std::chrono::seconds within) {
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));  // glibc 2.36 has it for C alone
    pollfd waiting{handle, POLLIN, 0};
    const bool ended =
        handle >= 0 && ::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds(within).count())) > 0;
    if (handle >= 0) ::close(handle);
    if (!ended) ::kill(-process, SIGKILL);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    if (!ended) return Error(Errc::unavailable, "did not end within " + std::to_string(within.count()) + " s");
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return Error(Errc::io, WIFEXITED(status) ? "ended with " + std::to_string(WEXITSTATUS(status)) : "was killed");
    return {};
}

Result<void> run(const std::vector<std::string>& command, const std::string& text, std::chrono::seconds within) {
    const auto input = text_descriptor(text);
    if (!input) return input.error().within(command[0]);
    const auto process = spawn(command, *input);
    ::close(*input);
    if (!process) return process.error().within(command[0]);
    if (auto ended = await_end(*process, within); !ended) return ended.error().within(command[0]);
    return {};
}

std::string letter(const AlarmWays& ways, const Alarm& alarm) {
    std::string to;
    for (const std::string& address : ways.mail_to)
        to += (to.empty() ? "" : ", ") + address;
    return "From: " + ways.mail_from + "\nTo: " + to + "\nSubject: " + alarm.subject +
           "\nAuto-Submitted: auto-generated\nContent-Type: text/plain; charset=utf-8\n\n" + alarm.text;
}

std::vector<std::string> sendmail_command(const AlarmWays& ways) {
    std::vector<std::string> command{ways.sendmail, "-i", "-f", ways.mail_from, "--"};
    command.insert(command.end(), ways.mail_to.begin(), ways.mail_to.end());
    return command;
}

}  // namespace

Result<void> sound(const AlarmWays& ways, const Alarm& alarm) {
    std::string failures;
    const auto note = [&failures](const Result<void>& done) {
        if (!done) failures += (failures.empty() ? "" : "; ") + done.error().message();
    };
    if (ways.syslog)
        ::syslog(LOG_AUTHPRIV | (alarm.grave ? LOG_ALERT : LOG_CRIT), "sallyport-watch: %s", alarm.subject.c_str());
    if (!ways.command.empty()) note(run(ways.command, alarm.subject + "\n\n" + alarm.text, ways.within));
    if (!ways.mail_to.empty()) note(run(sendmail_command(ways), letter(ways, alarm), ways.within));
    return failures.empty() ? Result<void>() : Result<void>(Error(Errc::io, "alarm: " + failures));
}

}  // namespace sallyport::watch
