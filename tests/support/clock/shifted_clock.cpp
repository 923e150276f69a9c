// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into a program: its wall clock is ahead of the machine's by as many seconds as the file named by SHIFTED_CLOCK
// says, which may be changed at any moment; the monotonic clock stays what it is. libfaketime does as much, but never
// returns where umockdev is preloaded too, and that is where the emulated USB bus comes from.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace {

// Eight bytes, as the machine writes an integer.
const volatile std::int64_t* shared_seconds() {
    static const volatile std::int64_t none = 0;
    static const volatile std::int64_t* const mapped = [] {
        const char* file = std::getenv("SHIFTED_CLOCK");
        const int opened = file != nullptr ? ::open(file, O_RDONLY | O_CLOEXEC) : -1;
        if (opened < 0)
            return &none;
        void* memory = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, opened, 0);
        ::close(opened);
        return memory == MAP_FAILED ? &none : static_cast<const volatile std::int64_t*>(memory);
    }();
    return mapped;
}

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
    static const auto real = next<int (*)(clockid_t, timespec*)>("clock_gettime");
    const int done = real(clock, time);
    if (done == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += *shared_seconds();
    return done;
}

time_t time(time_t* out) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr)
        *out = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(timeval* out, void*) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

}  // extern "C"
