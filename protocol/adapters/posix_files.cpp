// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "protocol/files.hpp"

namespace sallyport {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;

Error failed(const std::filesystem::path& file, std::string_view what) {
    return Error(errno == ENOENT ? Errc::not_found : Errc::io,
                 file.string() + ": " + std::string(what) + ": " + std::generic_category().message(errno));
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }

private:
    int number_;
};

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const auto written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return false;
        content.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        return Error(Errc::not_found, file.string() + ": " + error.message());
    if (size > kFileBytesMax)
        return Error(Errc::exhausted, file.string() + ": larger than 64 MiB");
    std::ifstream in(file, std::ios::binary);
    std::string content(static_cast<std::size_t>(size), '\0');
    if (!in.read(content.data(), static_cast<std::streamsize>(size)))
        return Error(Errc::io, file.string() + ": cannot be read");
    return content;
}

Result<void> replace_file(const std::filesystem::path& file, std::string_view content, Secrecy secrecy) {
    std::filesystem::path fresh = file;
    fresh += ".new";
    ::unlink(fresh.c_str());
    {
        const Descriptor out(::open(fresh.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
        if (out.number() < 0)
            return failed(fresh, "cannot be created");
        if ((secrecy == Secrecy::open && ::fchmod(out.number(), 0644) != 0) || !write_all(out.number(), content) ||
            ::fsync(out.number()) != 0)
            return failed(fresh, "cannot be written");
    }
    if (::rename(fresh.c_str(), file.c_str()) != 0)
        return failed(file, "cannot be replaced");
    const Descriptor folder(::open(file.has_parent_path() ? file.parent_path().c_str() : ".", O_RDONLY | O_CLOEXEC));
    if (folder.number() < 0 || ::fsync(folder.number()) != 0)
        return failed(file, "its folder cannot be made durable");
    return {};
}

Result<void> make_secret_directory(const std::filesystem::path& directory) {
    if (std::filesystem::is_directory(directory))
        return {};
    if (::mkdir(directory.c_str(), 0700) != 0)
        return failed(directory, "cannot be created");
    return {};
}

}  // namespace sallyport
