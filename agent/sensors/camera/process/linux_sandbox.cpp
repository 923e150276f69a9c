// SPDX-License-Identifier: Apache-2.0
//
// A seccomp filter, spelled out: it needs no privilege and no library. Calls that could carry data out answer EPERM.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <vector>

#include "agent/sensors/camera/process/sandbox.hpp"

namespace sallyport::camera {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the camera's seccomp filter knows x86-64 and arm64"
#endif

constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

sock_filter statement(std::uint16_t code, std::uint32_t operand) { return BPF_STMT(code, operand); }
sock_filter jump(std::uint16_t code, std::uint32_t operand, std::uint8_t yes, std::uint8_t no) {
    return BPF_JUMP(code, operand, yes, no);
}

constexpr std::uint32_t argument_offset(std::size_t index) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}

void refuse_call(std::vector<sock_filter>& program, long number) {
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, kRefuse));
}

// Refuses the call when its flags ask to write, create or truncate; reading stays possible (libraries, /proc).
void refuse_writing_open(std::vector<sock_filter>& program, long number, std::size_t flags_argument) {
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 4));
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, argument_offset(flags_argument)));
    program.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, kRefuse));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

std::vector<sock_filter> filter() {
    std::vector<sock_filter> program;
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    for (const long number : {SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_sendto, SYS_sendmsg,
                              SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_writev, SYS_process_vm_readv,
                              SYS_openat2, SYS_memfd_create, SYS_mkdirat, SYS_symlinkat, SYS_linkat, SYS_renameat2,
                              SYS_mknodat, SYS_io_uring_setup, SYS_shmget, SYS_msgget, SYS_mq_open, SYS_sendfile,
                              SYS_copy_file_range, SYS_splice})
        refuse_call(program, number);
#if defined(__x86_64__)
    for (const long number : {SYS_creat, SYS_mkdir, SYS_symlink, SYS_link, SYS_rename, SYS_mknod})
        refuse_call(program, number);
    refuse_writing_open(program, SYS_open, 1);
#endif
    refuse_writing_open(program, SYS_openat, 2);
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    return program;
}

Error failure(const char* what) {
    return Error(Errc::internal, std::string("sandbox: ") + what + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<void> enter_sandbox() {
    const rlimit none{0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return failure("core dumps cannot be forbidden");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return failure("debuggers cannot be kept out");
    // A camera that outlived its agent would watch for nobody.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return failure("cannot be tied to the agent");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failure("no_new_privs");
    auto program = filter();
    const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded, 0, 0) != 0)
        return failure("seccomp filter");
    return {};
}

}  // namespace sallyport::camera
