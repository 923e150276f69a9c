// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "collector/store/store_lock.hpp"

namespace sallyport::store {

Result<StoreLock> StoreLock::take(const std::filesystem::path& store) {
    const std::filesystem::path file = store.string() + ".lock";
    const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return Error(Errc::io, file.string() + ": " + std::generic_category().message(errno));
    auto held = std::shared_ptr<void>(nullptr, [descriptor](void*) { ::close(descriptor); });
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return Error(Errc::unavailable, store.string() + ": a collector runs on it");
    return StoreLock(std::move(held));
}

}  // namespace sallyport::store
