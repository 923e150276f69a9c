// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/last_shutdown.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

using Kind = LoginRecord::Kind;

constexpr std::size_t kRecordsMax = 4096;  // weeks of a busy terminal

// The boot before this one; nothing when none is on record.
std::optional<LoginRecord> boot_before(const std::vector<LoginRecord>& wtmp) {
    std::optional<LoginRecord> before, latest;
    for (const LoginRecord& record : wtmp)
        if (record.kind == Kind::boot) {
            before = latest;
            latest = record;
        }
    return before;
}

bool written_after(const fs::path& file, std::int64_t at_us) {
    std::error_code failed;
    const auto written = fs::last_write_time(file, failed);
    if (failed) return false;
    const auto since = std::chrono::file_clock::to_sys(written).time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count() > at_us;
}

// The kernel's own store holds dumps until systemd moves them into a folder each.
bool kept_a_dump(const fs::path& root, std::int64_t since_us) {
    std::error_code failed;
    for (const char* store : {"sys/fs/pstore", "var/lib/systemd/pstore"})
        for (fs::recursive_directory_iterator at(root / store, failed), end; !failed && at != end; at.increment(failed))
            if (at->path().filename().string().starts_with("dmesg") && written_after(at->path(), since_us)) return true;
    return false;
}

}  // namespace

Shutdown last_shutdown(const std::vector<LoginRecord>& wtmp, bool panicked) {
    if (panicked) return Shutdown::crash;
    bool booted = false;
    for (auto record = wtmp.rbegin(); record != wtmp.rend(); ++record) {
        if (record->kind == Kind::run_level && record->user == "shutdown" && booted) return Shutdown::clean;
        if (record->kind == Kind::boot && booted) return Shutdown::power;
        booted = booted || record->kind == Kind::boot;
    }
    return Shutdown::unknown;
}

Shutdown read_last_shutdown(const fs::path& root) {
    const auto bytes = read_tail(root / "var/log/wtmp", kLoginRecordBytes, kRecordsMax);
    const auto wtmp = read_login_records(bytes.value_or(""));
    const auto before = boot_before(wtmp);
    return last_shutdown(wtmp, before && kept_a_dump(root, before->at_us));
}

}  // namespace sallyport::agent
