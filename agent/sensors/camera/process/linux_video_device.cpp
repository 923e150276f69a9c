// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "agent/sensors/camera/process/video_device.hpp"

namespace sallyport::camera {
namespace {

namespace fs = std::filesystem;

class LinuxVideoDevice final : public VideoDevice {
public:
    explicit LinuxVideoDevice(int descriptor) : descriptor_(descriptor) {}
    ~LinuxVideoDevice() override {
        for (const auto& [start, length] : mapped_)
            ::munmap(start, length);
        ::close(descriptor_);
    }

    int control(unsigned long request, void* argument) override {
        int result = -1;
        do
            result = ::ioctl(descriptor_, request, argument);
        while (result == -1 && errno == EINTR);
        return result == -1 ? errno : 0;
    }

    const std::uint8_t* map(std::size_t length, std::uint32_t offset) override {
        void* start = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, offset);
        if (start == MAP_FAILED)
            return nullptr;
        mapped_.emplace_back(start, length);
        return static_cast<const std::uint8_t*>(start);
    }

    bool wait(std::chrono::milliseconds patience) override {
        pollfd wait{descriptor_, POLLIN, 0};
        int ready = -1;
        do
            ready = ::poll(&wait, 1, static_cast<int>(patience.count()));
        while (ready == -1 && errno == EINTR);
        return ready == 1;
    }

    bool made_by_software() const override {
        struct stat node {};
        if (::fstat(descriptor_, &node) != 0 || !S_ISCHR(node.st_mode))
            return true;  // a file in a camera's place
        std::error_code failed;
        const fs::path link = "/sys/dev/char/" + std::to_string(major(node.st_rdev)) + ":" +
                              std::to_string(minor(node.st_rdev));
        const std::string device = fs::read_symlink(link, failed).string();
        return !failed && device.find("/devices/virtual/") != std::string::npos;
    }

private:
    int descriptor_;
    std::vector<std::pair<void*, std::size_t>> mapped_;
};

class LinuxVideoNodes final : public VideoNodes {
public:
    Result<std::unique_ptr<VideoDevice>> open(const std::string& node) const override {
        const int descriptor = ::open(node.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (descriptor < 0)
            return Error(errno == EBUSY ? Errc::conflict : Errc::unavailable,
                         "camera " + node + ": " + std::generic_category().message(errno));
        return std::unique_ptr<VideoDevice>(std::make_unique<LinuxVideoDevice>(descriptor));
    }

    std::vector<std::string> list() const override {
        constexpr int kNodes = 64;
        std::vector<std::string> nodes;
        std::error_code ignored;
        for (int number = 0; number < kNodes; ++number)
            if (std::string node = "/dev/video" + std::to_string(number); fs::exists(node, ignored))
                nodes.push_back(std::move(node));
        return nodes;
    }
};

std::string name_of_process(const fs::path& process) {
    std::ifstream in(process / "comm");
    std::string name;
    std::getline(in, name);
    return "pid " + process.filename().string() + " (" + name + ")";
}

bool holds(const fs::path& process, const fs::path& node) {
    std::error_code failed;
    for (fs::directory_iterator file(process / "fd", failed), end; !failed && file != end; file.increment(failed)) {
        std::error_code gone;
        if (fs::read_symlink(file->path(), gone) == node)
            return true;
    }
    return false;
}

}  // namespace

std::unique_ptr<VideoNodes> video_nodes() { return std::make_unique<LinuxVideoNodes>(); }

void await_video_change(const std::string& node, std::chrono::seconds patience) {
    const int watch = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    const bool named = node.starts_with('/');
    if (named)
        ::inotify_add_watch(watch, node.c_str(), IN_CLOSE | IN_DELETE_SELF);
    const std::string folder = named ? fs::path(node).parent_path().string() : "/dev";
    ::inotify_add_watch(watch, folder.c_str(), IN_CREATE | IN_DELETE | IN_MOVED_TO);
    pollfd wait{watch, POLLIN, 0};  // without an inotify (-1) this merely sleeps
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    (void)::poll(&wait, 1, static_cast<int>(milliseconds.count()));
    if (watch >= 0)
        ::close(watch);
}

std::string holders_of(const std::string& node) {
    std::error_code failed;
    const fs::path real = fs::canonical(node, failed);
    std::string holders;
    for (fs::directory_iterator entry("/proc", failed), end; !failed && entry != end; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        const bool process = std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
        if (process && name != std::to_string(::getpid()) && holds(entry->path(), real))
            holders += (holders.empty() ? "" : ", ") + name_of_process(entry->path());
    }
    return holders;
}

}  // namespace sallyport::camera
