// SPDX-License-Identifier: Apache-2.0
#include "agent/service/linux_host.hpp"

#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>

#include "protocol/file_digest.hpp"

namespace sallyport::agent {
namespace {

constexpr int kGivenBackFrom_bytes = 64 * 1024;
constexpr std::size_t kThreadNameBytesMax = 15;  // pthread_setname_np(3)

struct Mapping {
    std::uintptr_t begin = 0, end = 0;
    bool is_text = false;  // of a file, never written to by design
};

// A mapping's first line in /proc/self/smaps, proc(5): `BEGIN-END r-xp OFFSET DEVICE INODE PATH`; else nothing.
std::optional<Mapping> mapping_in(const std::string& line) {
    std::istringstream words(line);
    Mapping mapping;
    char dash = 0;
    std::string rights, offset, device;
    std::uint64_t inode = 0;
    if (!(words >> std::hex >> mapping.begin >> dash >> mapping.end >> rights >> offset >> device) || dash != '-')
        return std::nullopt;
    words >> std::dec >> inode;
    mapping.is_text = rights == "r-xp" && inode != 0;
    return mapping;
}

// Text that somebody has written to (a debugger) is left alone: the file does not have it.
void give_text_back() {
    std::ifstream smaps("/proc/self/smaps");
    Mapping current;
    for (std::string line; std::getline(smaps, line);) {
        if (const auto mapping = mapping_in(line)) {
            current = *mapping;
        } else if (std::istringstream words(line); current.is_text && line.starts_with("Private_Dirty:")) {
            std::string name;
            std::uint64_t dirty_kib = 1;
            words >> name >> dirty_kib;
            if (dirty_kib == 0)
                madvise(reinterpret_cast<void*>(current.begin), current.end - current.begin, MADV_DONTNEED);
        }
    }
}

}  // namespace

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

void keep_memory_small() {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, kGivenBackFrom_bytes);
    mallopt(M_TRIM_THRESHOLD, kGivenBackFrom_bytes);
}

void give_memory_back() {
    malloc_trim(0);
    give_text_back();
}

void name_this_thread(std::string_view name) {
    pthread_setname_np(pthread_self(), std::string(name.substr(0, kThreadNameBytesMax)).c_str());
}

}  // namespace sallyport::agent
