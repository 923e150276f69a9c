// SPDX-License-Identifier: Apache-2.0
//
// What wakes the print sensor between two looks at the server: files that come, change or go. Names only; no
// file of the server's spool is ever opened, for control files hold titles and data files what is printed.
//
// - the spool (cupsd: RequestRoot): a job's data file comes while its job is made, its control file when it
//   has ended (CUPS 2.4: within 30 ms and 1.1 s);
// - the settings (cupsd: ServerRoot): cupsd.conf, cups-files.conf, and the lists of printers, which cupsd
//   writes up to DirtyCleanInterval (30 s) after the change;
// - printers' device nodes, DEVICES/usb/lp* and DEVICES/lp*: written to by somebody who passes the server by.
//   CUPS's own usb backend uses libusb and opens none. A node that is opened and not written to is not told.
//   A node that comes is watched within milliseconds; what is written before that is not seen.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace sallyport::agent {

struct NodeUse {
    enum class Kind { begun, ended };
    Kind kind = Kind::begun;
    std::string node;  // as under /dev: `usb/lp0`
};

struct PrintSigns {
    bool jobs = false;
    bool printers = false;
    bool settings = false;
    std::vector<NodeUse> uses;  // in order

    [[nodiscard]] bool any() const { return jobs || printers || settings || !uses.empty(); }
};

// An empty path is not watched.
struct WatchedPlaces {
    std::filesystem::path spool;
    std::filesystem::path settings;
    std::filesystem::path devices;
};

// Used by one thread. A folder that is missing, unreadable or replaced is tried again at each wait().
class PrintWatch {
public:
    virtual ~PrintWatch() = default;
    // Whether a job would give a sign. False: looking is all there is.
    [[nodiscard]] virtual bool sees_jobs() const = 0;
    // Sleeps until there is a sign, `patience` is over or `stop` is asked for. Several changes may be one sign;
    // where the kernel had to drop some, every sign but those of nodes is given.
    [[nodiscard]] virtual PrintSigns wait(std::stop_token stop, std::chrono::milliseconds patience) = 0;
};

// inotify(7).
[[nodiscard]] std::unique_ptr<PrintWatch> make_linux_print_watch(const WatchedPlaces& places);

}  // namespace sallyport::agent
