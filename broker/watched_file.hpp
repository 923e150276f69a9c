// SPDX-License-Identifier: Apache-2.0
//
// Whether a file is another one than at the last look. It is asked, not watched: a look costs two system calls.
#pragma once

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace sallyport::broker {

class WatchedFile {
public:
    explicit WatchedFile(std::filesystem::path path) : path_(std::move(path)) { (void)changed(); }

    // A file that is gone has not changed: it is about to be replaced.
    [[nodiscard]] bool changed() {
        std::error_code gone;
        const auto written = std::filesystem::last_write_time(path_, gone);
        const auto size = gone ? 0 : std::filesystem::file_size(path_, gone);
        if (gone || (written == written_ && size == size_))
            return false;
        written_ = written;
        size_ = size;
        return true;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    std::filesystem::file_time_type written_{};
    std::uintmax_t size_ = 0;
};

}  // namespace sallyport::broker
