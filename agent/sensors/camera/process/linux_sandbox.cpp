// SPDX-License-Identifier: Apache-2.0
//
// A seccomp filter, spelled out: it needs no privilege and no library. What is not on the list answers EPERM.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
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

// None of these takes data out of the process or brings code in.
constexpr long kHarmless[] = {
    SYS_read, SYS_readv, SYS_lseek, SYS_fstat, SYS_newfstatat, SYS_close,            // what is open already
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,                                    // memory
    SYS_futex, SYS_ppoll, SYS_nanosleep, SYS_clock_nanosleep, SYS_restart_syscall,   // waiting
    SYS_clock_gettime, SYS_gettimeofday, SYS_getrandom, SYS_getpid, SYS_gettid,
    SYS_sched_yield, SYS_sched_getaffinity, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_exit, SYS_exit_group,
#if defined(__x86_64__)
    SYS_poll,
#endif
};

class Program {
public:
    Program() {
        load(offsetof(seccomp_data, arch));
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
        load(offsetof(seccomp_data, nr));
    }
    void allow(long number) {
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1));
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    // The checks follow; each one that fails refuses, and when all have passed the call is allowed.
    template <typename Checks>
    void allow_if(long number, Checks checks) {
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 1, 0));
        const std::size_t past = program_.size();
        add(BPF_STMT(BPF_JMP | BPF_JA, 0));
        checks();
        add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
        program_[past].k = static_cast<std::uint32_t>(program_.size() - past - 1);
    }
    void argument_is(std::size_t index, std::uint32_t value) {
        load(argument(index));
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
        refuse();
    }
    void argument_at_most(std::size_t index, std::uint32_t value) {
        load(argument(index) + 4);  // the upper half: both architectures keep the lower one first
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
        refuse();
        load(argument(index));
        add(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, 0, 1));
        refuse();
    }
    void argument_lacks(std::size_t index, std::uint32_t bits) {
        load(argument(index));
        add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1));
        refuse();
    }
    void argument_has(std::size_t index, std::uint32_t bits) {
        load(argument(index));
        add(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0));
        refuse();
    }
    // The second byte of an ioctl's number names its family.
    void ioctl_family_is(char family) {
        load(argument(1));
        add(BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 8));
        add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff));
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(family), 1, 0));
        refuse();
    }
    void refuse() { add(BPF_STMT(BPF_RET | BPF_K, kRefuse)); }
    [[nodiscard]] sock_fprog loadable() {
        return {static_cast<unsigned short>(program_.size()), program_.data()};
    }

private:
    static constexpr std::uint32_t argument(std::size_t index) {
        return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
    }
    void load(std::size_t offset) {
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
    }
    void add(sock_filter statement) { program_.push_back(statement); }

    std::vector<sock_filter> program_;
};

Program filter(const Doors& doors) {
    Program program;
    for (const long number : kHarmless)
        program.allow(number);
    program.allow_if(SYS_write, [&] {
        program.argument_is(0, static_cast<std::uint32_t>(doors.outlet));
        program.argument_at_most(2, doors.bytes_max);
    });
    program.allow_if(SYS_ioctl, [&] { program.ioctl_family_is('V'); });
    // Memory of its own only: no file is mapped, nothing becomes code.
    program.allow_if(SYS_mmap, [&] {
        program.argument_lacks(2, PROT_EXEC);
        program.argument_has(3, MAP_ANONYMOUS);
    });
    program.allow_if(SYS_mprotect, [&] { program.argument_lacks(2, PROT_EXEC); });
    if (doors.reads_files)
        program.allow_if(SYS_openat, [&] { program.argument_lacks(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC); });
    program.refuse();
    return program;
}

Error failure(const char* what) {
    return Error(Errc::internal, std::string("sandbox: ") + what + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<void> enter_sandbox(const Doors& doors) {
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
    Program program = filter(doors);
    const sock_fprog loaded = program.loadable();
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded, 0, 0) != 0)
        return failure("seccomp filter");
    return {};
}

}  // namespace sallyport::camera
