// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/linux_host_source.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "agent/sensors/host/host_source.hpp"
#include "agent/sensors/host/uevent.hpp"

namespace sallyport::agent {
namespace {

using Kind = Stir::Kind;

constexpr std::uint32_t kChanges = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
constexpr std::uint32_t kGone = IN_MOVE_SELF | IN_DELETE_SELF | IN_IGNORED;
constexpr std::size_t kUeventMax = 8192;  // the kernel's own limit is 2 KiB of text and a path

// A descriptor that is closed with its owner.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    [[nodiscard]] int get() const { return number_; }
    [[nodiscard]] bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

Descriptor listen(int protocol, std::uint32_t groups) {
    Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (!socket.is_open() || bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return Descriptor();
    return socket;
}

class LinuxHostSource final : public HostSource {
public:
    LinuxHostSource() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

    [[nodiscard]] Result<void> open() override;
    [[nodiscard]] Result<std::vector<Stir>> wait(std::stop_token stop, std::chrono::milliseconds pause) override;
    // At once: what happens between a look and the next sleep is told, too.
    void file(const std::filesystem::path& path, Of of) override {
        follow(path.string(), files_.try_emplace(path.string(), File{of, -1}).first->second);
    }
    void process(std::int64_t id) override;

private:
    struct File {
        Of of = Of::changes;
        int watch = -1;  // -1: not there yet, or not any more
    };

    [[nodiscard]] bool add(const Descriptor& descriptor) const;
    [[nodiscard]] bool arm() const;
    void follow(const std::string& path, File& file) const;
    void read_devices(std::vector<Stir>& stirs) const;
    void read_network(std::vector<Stir>& stirs) const;
    void read_clock(std::vector<Stir>& stirs) const;
    void read_files(std::vector<Stir>& stirs);
    void read_processes(int descriptor, std::vector<Stir>& stirs);
    void read(int descriptor, std::vector<Stir>& stirs);

    Descriptor wake_;  // outlives a failure: a stop may come at any time
    Descriptor all_, devices_, network_, clock_, inotify_;
    std::map<std::string, File> files_;
    std::map<std::int64_t, Descriptor> processes_;
};

bool LinuxHostSource::add(const Descriptor& descriptor) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor.get();
    return descriptor.is_open() && epoll_ctl(all_.get(), EPOLL_CTL_ADD, descriptor.get(), &event) == 0;
}

Result<void> LinuxHostSource::open() {
    all_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    devices_ = listen(NETLINK_KOBJECT_UEVENT, 1);
    network_ = listen(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE);
    clock_ = Descriptor(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    inotify_ = Descriptor(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    for (auto& [path, file] : files_)
        file.watch = -1;
    for (const auto& [id, process] : processes_)
        (void)add(process);
    if (!all_.is_open() || !add(wake_) || !add(devices_) || !add(network_) || !add(clock_) || !arm() || !add(inotify_))
        return Error(Errc::unavailable, "kernel: its events cannot be listened to");
    return {};
}

// Far ahead: it never expires, it is cancelled when somebody sets the clock.
bool LinuxHostSource::arm() const {
    itimerspec never{};
    never.it_value.tv_sec = std::numeric_limits<std::int32_t>::max();
    return timerfd_settime(clock_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) == 0;
}

void LinuxHostSource::follow(const std::string& path, File& file) const {
    if (file.watch < 0)
        file.watch = inotify_add_watch(inotify_.get(), path.c_str(),
                                       file.of == Of::opening ? kChanges | IN_OPEN : kChanges);
}

void LinuxHostSource::process(std::int64_t id) {
    if (processes_.contains(id)) return;
    Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, static_cast<int>(id), 0)));
    if (add(process)) processes_.emplace(id, std::move(process));
}

Result<std::vector<Stir>> LinuxHostSource::wait(std::stop_token stop, std::chrono::milliseconds pause) {
    eventfd_t stale = 0;
    eventfd_read(wake_.get(), &stale);  // of an earlier run that was asked to stop
    const std::stop_callback wake(stop, [this] { eventfd_write(wake_.get(), 1); });
    for (auto& [path, file] : files_)
        follow(path, file);
    std::vector<Stir> stirs;
    if (stop.stop_requested()) return stirs;
    std::array<epoll_event, 16> ready{};
    const auto longest = static_cast<int>(std::min<std::int64_t>(pause.count(), 3'600'000));
    const int count = epoll_wait(all_.get(), ready.data(), static_cast<int>(ready.size()), longest);
    if (count < 0 && errno != EINTR) return Error(Errc::unavailable, "kernel: waiting failed");
    for (int at = 0; at < count; ++at)
        read(ready[static_cast<std::size_t>(at)].data.fd, stirs);
    return stirs;
}

void LinuxHostSource::read(int descriptor, std::vector<Stir>& stirs) {
    if (descriptor == devices_.get()) return read_devices(stirs);
    if (descriptor == network_.get()) return read_network(stirs);
    if (descriptor == clock_.get()) return read_clock(stirs);
    if (descriptor == inotify_.get()) return read_files(stirs);
    if (descriptor != wake_.get()) read_processes(descriptor, stirs);
}

// Only the kernel itself (port 0) is believed.
void LinuxHostSource::read_devices(std::vector<Stir>& stirs) const {
    std::array<char, kUeventMax> message{};
    for (;;) {
        sockaddr_nl from{};
        socklen_t length = sizeof from;
        const auto size = recvfrom(devices_.get(), message.data(), message.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &length);
        if (size < 0 && errno == ENOBUFS) stirs.push_back({Kind::missed, {}});
        if (size < 0 && (errno == ENOBUFS || errno == EINTR)) continue;
        if (size <= 0) return;
        if (from.nl_pid != 0) continue;
        if (const auto subsystem = subsystem_of({message.data(), static_cast<std::size_t>(size)}))
            stirs.push_back({Kind::device, std::string(*subsystem)});
    }
}

// What it says is not read: whoever is concerned looks at how things are.
void LinuxHostSource::read_network(std::vector<Stir>& stirs) const {
    std::array<char, kUeventMax> message{};
    bool any = false;
    for (;;) {
        const auto size = recv(network_.get(), message.data(), message.size(), 0);
        if (size < 0 && errno == EINTR) continue;
        any = any || size > 0 || errno == ENOBUFS;
        if (size < 0 && errno == ENOBUFS) continue;
        if (size <= 0) break;
    }
    if (any) stirs.push_back({Kind::network, {}});
}

void LinuxHostSource::read_clock(std::vector<Stir>& stirs) const {
    std::uint64_t expired = 0;
    if (::read(clock_.get(), &expired, sizeof expired) < 0 && errno == ECANCELED)
        stirs.push_back({Kind::clock_set, {}});
    (void)arm();
}

void LinuxHostSource::read_files(std::vector<Stir>& stirs) {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    for (ssize_t size = 0; (size = ::read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
        for (ssize_t at = 0; at < size;) {
            const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
            if ((event->mask & IN_Q_OVERFLOW) != 0) stirs.push_back({Kind::missed, {}});
            for (auto& [path, file] : files_) {
                if (file.watch != event->wd || event->wd < 0) continue;
                if ((event->mask & IN_IGNORED) == 0) stirs.push_back({Kind::file, path});
                if ((event->mask & kGone) == 0) continue;
                if ((event->mask & IN_MOVE_SELF) != 0) inotify_rm_watch(inotify_.get(), file.watch);
                file.watch = -1;
            }
        }
    }
}

void LinuxHostSource::read_processes(int descriptor, std::vector<Stir>& stirs) {
    const auto ended = std::find_if(processes_.begin(), processes_.end(),
                                    [&](const auto& entry) { return entry.second.get() == descriptor; });
    if (ended == processes_.end()) return;
    stirs.push_back({Kind::process_ended, std::to_string(ended->first)});
    processes_.erase(ended);  // closing it takes it out of the set
}

}  // namespace

std::unique_ptr<HostSource> make_linux_host_source() { return std::make_unique<LinuxHostSource>(); }

}  // namespace sallyport::agent
