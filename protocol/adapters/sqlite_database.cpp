// SPDX-License-Identifier: Apache-2.0
#include "protocol/adapters/sqlite_database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <list>
#include <unordered_map>

namespace sallyport {
namespace {

Errc code_for(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Errc::corrupt;
        case SQLITE_FULL: return Errc::exhausted;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Errc::unavailable;
        case SQLITE_CONSTRAINT: return Errc::conflict;
        default: return Errc::io;
    }
}

Error failure_of(sqlite3* database, std::string_view what) {
    return Error(code_for(sqlite3_extended_errcode(database)), "sqlite: " + std::string(what) + ": " +
                                                                    sqlite3_errmsg(database));
}

}  // namespace

// Compiled statements that nobody uses at the moment, by their text; beyond its room the one longest unused goes.
// Statements in use may outlive their Database: the shelf, held by them too, finalizes what comes back too late.
class StatementShelf {
public:
    static constexpr std::size_t kRoom = 128;

    StatementShelf() = default;
    StatementShelf(const StatementShelf&) = delete;
    StatementShelf& operator=(const StatementShelf&) = delete;
    ~StatementShelf() { close(); }

    sqlite3_stmt* take(std::string_view sql) {
        const auto at = by_text_.find(sql);
        if (at == by_text_.end())
            return nullptr;
        sqlite3_stmt* statement = *at->second;
        idle_.erase(at->second);
        by_text_.erase(at);
        return statement;
    }

    void give_back(sqlite3_stmt* statement) {
        if (closed_) {
            sqlite3_finalize(statement);
            return;
        }
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
        idle_.push_front(statement);
        by_text_.emplace(sqlite3_sql(statement), idle_.begin());  // the text is the statement's own
        if (idle_.size() > kRoom)
            sqlite3_finalize(take(sqlite3_sql(idle_.back())));
    }

    void close() {
        closed_ = true;
        by_text_.clear();
        for (sqlite3_stmt* statement : idle_)
            sqlite3_finalize(statement);
        idle_.clear();
    }

private:
    std::list<sqlite3_stmt*> idle_;  // last used first
    std::unordered_multimap<std::string_view, std::list<sqlite3_stmt*>::iterator> by_text_;
    bool closed_ = false;
};

void Statement::Return::operator()(sqlite3_stmt* statement) const { shelf->give_back(statement); }

Statement& Statement::bind(int parameter, std::int64_t value) {
    sqlite3_bind_int64(statement_.get(), parameter, value);
    return *this;
}

Statement& Statement::bind(int parameter, double value) {
    sqlite3_bind_double(statement_.get(), parameter, value);
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    sqlite3_bind_text64(statement_.get(), parameter, text.data() != nullptr ? text.data() : "", text.size(),
                        SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind_blob(int parameter, ByteView bytes) {
    if (bytes.empty())
        sqlite3_bind_zeroblob(statement_.get(), parameter, 0);
    else
        sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    sqlite3_bind_null(statement_.get(), parameter);
    return *this;
}

Result<bool> Statement::step() {
    switch (sqlite3_step(statement_.get())) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default: {
            const Error error = failure_of(sqlite3_db_handle(statement_.get()), sqlite3_sql(statement_.get()));
            sqlite3_reset(statement_.get());
            return error;
        }
    }
}

Result<void> Statement::run() {
    for (;;) {
        auto more = step();
        if (!more)
            return more.error();
        if (!*more)
            break;
    }
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::number(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column)));
}

Bytes Statement::blob(int column) const {
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    return bytes == nullptr ? Bytes() : Bytes(bytes, bytes + sqlite3_column_bytes(statement_.get(), column));
}

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

std::optional<std::string> Statement::optional_text(int column) const {
    return is_null(column) ? std::nullopt : std::optional(text(column));
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
}

Transaction::~Transaction() {
    // A failed COMMIT may already have rolled back; then there is nothing left to undo.
    if (database_ != nullptr && sqlite3_get_autocommit(database_->database_.get()) == 0)
        sqlite3_exec(database_->database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Transaction::commit() {
    auto done = database_->execute("COMMIT");
    if (done)
        database_ = nullptr;
    return done;
}

void Database::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(sqlite3* database) : database_(database), shelf_(std::make_shared<StatementShelf>()) {}

Error Database::failure(std::string_view what) const { return failure_of(database_.get(), what); }

Result<Database> Database::open(const std::filesystem::path& file, Access access) {
    if (access == Access::read_write) {
        // SQLite would create it with the umask's rights; what it holds is nobody else's to read. A file that is there is not
        // touched: closing any descriptor of it would drop the locks of every connection that this process has to it
        // (fcntl(2)), and another process would then take the write-ahead log away from under them.
        const int descriptor = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
        if (descriptor >= 0)
            ::close(descriptor);
    }
    sqlite3* raw = nullptr;
    const int flags = (access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    Database database(raw);
    if (code != SQLITE_OK)
        return database.failure("open " + file.string());
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, 5000);
    if (access == Access::read_write) {
        if (auto done = database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"); !done)
            return done.error().within(file.string());
    }
    return database;
}

Result<void> Database::execute(const std::string& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return failure(sql.substr(0, 80));
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* raw = shelf_->take(sql);
    if (raw == nullptr && sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                           nullptr) != SQLITE_OK)
        return failure(sql.substr(0, 120));
    return Statement(Statement::Handle(raw, {shelf_}));
}

Result<Transaction> Database::begin() {
    if (auto done = execute("BEGIN IMMEDIATE"); !done)
        return done.error();
    return Transaction(*this);
}

std::int64_t Database::last_insert_rowid() const { return sqlite3_last_insert_rowid(database_.get()); }
std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

Result<std::int64_t> Database::user_version() {
    auto statement = prepare("PRAGMA user_version");
    if (!statement)
        return statement.error();
    if (auto row = statement->step(); !row)
        return row.error();
    return statement->integer(0);
}

}  // namespace sallyport
