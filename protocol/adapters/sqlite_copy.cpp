// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/sqlite_copy.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <memory>
#include <string>

namespace sallyport {
namespace {

constexpr int kPagesAtOnce = 256;  // 1 MiB
constexpr int kBusyMilliseconds = 5000;

struct Closer {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
using Connection = std::unique_ptr<sqlite3, Closer>;
struct Finisher {
    void operator()(sqlite3_backup* copy) const { sqlite3_backup_finish(copy); }
};

Error failure(sqlite3* database, const std::string& what) {
    const int code = sqlite3_errcode(database) & 0xff;
    return Error(code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Errc::corrupt
                 : code == SQLITE_FULL                           ? Errc::exhausted
                                                                 : Errc::io,
                 "sqlite: " + what + ": " + sqlite3_errmsg(database));
}

Result<Connection> open(const std::filesystem::path& file, int flags) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Connection connection(raw);
    if (code != SQLITE_OK)
        return failure(raw, "open " + file.string());
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    return connection;
}

Result<void> say(sqlite3* database, const char* sql) {
    return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK ? Result<void>()
                                                                                : Result<void>(failure(database, sql));
}

// SQLite would make it with the umask's rights.
Result<void> create(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return Error(Errc::conflict, file.string() + ": is there already, or cannot be created");
    ::close(descriptor);
    return {};
}

}  // namespace

Result<void> copy_database(const std::filesystem::path& from, const std::filesystem::path& to,
                           const std::function<void()>& between) {
    auto source = open(from, SQLITE_OPEN_READONLY);
    if (!source)
        return source.error();
    // From here on the source stands still for us; otherwise every commit of the writer would begin the copy anew.
    if (auto held = say(source->get(), "BEGIN; SELECT count(*) FROM sqlite_schema"); !held)
        return held.error().within(from.string());
    if (auto made = create(to); !made)
        return made;
    auto target = open(to, SQLITE_OPEN_READWRITE);
    if (!target)
        return target.error();
    {
        const std::unique_ptr<sqlite3_backup, Finisher> copy(sqlite3_backup_init(target->get(), "main", source->get(), "main"));
        if (copy == nullptr)
            return failure(target->get(), "copy to " + to.string());
        int code = SQLITE_OK;
        while ((code = sqlite3_backup_step(copy.get(), kPagesAtOnce)) == SQLITE_OK)
            between();
        if (code != SQLITE_DONE)
            return Error(code == SQLITE_FULL ? Errc::exhausted : Errc::io,
                         "sqlite: copy to " + to.string() + ": " + sqlite3_errstr(code));
    }
    return say(target->get(), "PRAGMA journal_mode = DELETE");
}

}  // namespace sallyport
