// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "agent/sensors/print/print_watch.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t kFolderMask =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
// Of /dev itself only what comes and goes: everybody writes to something there.
constexpr std::uint32_t kDevicesMask = IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kNodeMask = IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF;

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

// `lp` and a number, as usblp and lp name their nodes.
bool is_printer_node(std::string_view name) {
    return name.size() > 2 && name.starts_with("lp") &&
           std::all_of(name.begin() + 2, name.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// `c00001` or `d00001-001`: a job's own files, not what cupsd writes first under other names.
bool is_job_file(std::string_view name) {
    return name.size() > 1 && (name[0] == 'c' || name[0] == 'd') && name[1] >= '0' && name[1] <= '9' &&
           name.find('.') == std::string_view::npos;
}

class LinuxPrintWatch final : public PrintWatch {
public:
    explicit LinuxPrintWatch(WatchedPlaces places)
        : places_(std::move(places)),
          notices_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
          stopped_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        watch_places();
    }

    [[nodiscard]] bool sees_jobs() const override { return watches(Role::spool); }
    [[nodiscard]] PrintSigns wait(std::stop_token stop, milliseconds patience) override;

private:
    enum class Role { spool, settings, devices, usb_devices, node };
    struct Watched {
        Role role;
        std::string node;  // of a node, as under /dev
    };

    [[nodiscard]] bool watches(Role role) const {
        return std::any_of(watched_.begin(), watched_.end(),
                           [&](const auto& one) { return one.second.role == role; });
    }
    void watch_places();
    bool watch_folder(Role role, const std::filesystem::path& folder, std::uint32_t mask);
    void watch_nodes(const std::filesystem::path& folder, const std::string& prefix);
    void watch_node(const std::filesystem::path& folder, const std::string& prefix, const std::string& name);
    void read_notices(PrintSigns& signs);
    void take(const inotify_event& notice, PrintSigns& signs);
    void take_node(const Watched& watched, const inotify_event& notice, PrintSigns& signs);

    WatchedPlaces places_;
    Descriptor notices_;
    Descriptor stopped_;
    std::map<int, Watched> watched_;  // by inotify's number
    std::set<std::string> written_;   // nodes that somebody has written to and still holds open
};

void LinuxPrintWatch::watch_places() {
    if (!watches(Role::spool)) watch_folder(Role::spool, places_.spool, kFolderMask);
    if (!watches(Role::settings)) watch_folder(Role::settings, places_.settings, kFolderMask);
    if (places_.devices.empty()) return;
    if (!watches(Role::devices) && watch_folder(Role::devices, places_.devices, kDevicesMask))
        watch_nodes(places_.devices, "");
    const auto usb = places_.devices / "usb";
    if (!watches(Role::usb_devices) && watch_folder(Role::usb_devices, usb, kDevicesMask))
        watch_nodes(usb, "usb/");
}

bool LinuxPrintWatch::watch_folder(Role role, const std::filesystem::path& folder, std::uint32_t mask) {
    if (folder.empty()) return false;
    const int number = inotify_add_watch(notices_.get(), folder.c_str(), mask | IN_ONLYDIR);
    if (number >= 0) watched_[number] = {role, {}};
    return number >= 0;
}

void LinuxPrintWatch::watch_nodes(const std::filesystem::path& folder, const std::string& prefix) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
        watch_node(folder, prefix, entry.path().filename().string());
}

void LinuxPrintWatch::watch_node(const std::filesystem::path& folder, const std::string& prefix,
                                 const std::string& name) {
    if (!is_printer_node(name)) return;
    const int number = inotify_add_watch(notices_.get(), (folder / name).c_str(), kNodeMask);
    if (number >= 0) watched_[number] = {Role::node, prefix + name};
}

PrintSigns LinuxPrintWatch::wait(std::stop_token stop, milliseconds patience) {
    const std::stop_callback wake(stop, [this] { eventfd_write(stopped_.get(), 1); });
    const auto until = steady_clock::now() + patience;
    PrintSigns signs;
    watch_places();
    while (!stop.stop_requested() && !signs.any()) {
        const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
        if (left.count() <= 0) break;
        pollfd asleep[] = {{notices_.get(), POLLIN, 0}, {stopped_.get(), POLLIN, 0}};
        poll(asleep, 2, static_cast<int>(std::min(left, milliseconds(std::chrono::hours(1))).count()));
        read_notices(signs);
    }
    eventfd_t ignored = 0;
    eventfd_read(stopped_.get(), &ignored);
    return signs;
}

void LinuxPrintWatch::read_notices(PrintSigns& signs) {
    alignas(inotify_event) char buffer[4096];
    for (;;) {
        const auto size = read(notices_.get(), buffer, sizeof buffer);
        if (size <= 0) return;
        for (const char* at = buffer; at < buffer + size;) {
            const auto* notice = reinterpret_cast<const inotify_event*>(at);
            take(*notice, signs);
            at += sizeof(inotify_event) + notice->len;
        }
    }
}

void LinuxPrintWatch::take(const inotify_event& notice, PrintSigns& signs) {
    if ((notice.mask & IN_Q_OVERFLOW) != 0) {
        signs.jobs = signs.printers = signs.settings = true;
        return;
    }
    const auto at = watched_.find(notice.wd);
    if (at == watched_.end()) return;
    const Watched watched = at->second;
    if ((notice.mask & IN_MOVE_SELF) != 0) inotify_rm_watch(notices_.get(), notice.wd);
    if ((notice.mask & IN_IGNORED) != 0) {
        watched_.erase(at);
        // A folder that was taken away may be back already; what came into it meanwhile gave no sign.
        if (watched.role == Role::spool) signs.jobs = true;
        if (watched.role == Role::settings) signs.printers = signs.settings = true;
        return;
    }
    const std::string name = notice.len == 0 ? "" : notice.name;
    switch (watched.role) {
        case Role::spool:
            signs.jobs |= is_job_file(name);
            break;
        case Role::settings:
            signs.settings |= name == "cupsd.conf" || name == "cups-files.conf";
            signs.printers |= name == "printers.conf" || name == "classes.conf";
            break;
        case Role::devices:
            if (name == "usb") watch_places();
            watch_node(places_.devices, "", name);
            break;
        case Role::usb_devices:
            watch_node(places_.devices / "usb", "usb/", name);
            break;
        case Role::node:
            take_node(watched, notice, signs);
            break;
    }
}

void LinuxPrintWatch::take_node(const Watched& watched, const inotify_event& notice, PrintSigns& signs) {
    if ((notice.mask & IN_MODIFY) != 0 && written_.insert(watched.node).second)
        signs.uses.push_back({NodeUse::Kind::begun, watched.node});
    const bool over = (notice.mask & (IN_CLOSE_WRITE | IN_DELETE_SELF)) != 0;
    if (over && written_.erase(watched.node) > 0)
        signs.uses.push_back({NodeUse::Kind::ended, watched.node});
}

}  // namespace

std::unique_ptr<PrintWatch> make_linux_print_watch(const WatchedPlaces& places) {
    return std::make_unique<LinuxPrintWatch>(places);
}

}  // namespace sallyport::agent
