// SPDX-License-Identifier: Apache-2.0
//
// SQLite, thinly: the agent's spool and the collector's store both stand on it.
//
// Every database is opened in WAL mode with synchronous=FULL: a commit that returned survives loss of power. One
// Database and its Statements belong to one thread at a time; several connections to one file are fine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sallyport {

class Database;

class StatementShelf;

// A prepared statement, to be bound and stepped again and again. Parameters count from 1, columns from 0. What it
// bound and where it stood is forgotten when it dies; the compiled statement itself goes back to its Database.
class Statement {
public:
    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, double value);
    Statement& bind(int parameter, std::string_view text);  // copied
    Statement& bind(int parameter, const char* text) { return bind(parameter, std::string_view(text)); }
    Statement& bind(int parameter, const std::string& text) { return bind(parameter, std::string_view(text)); }
    Statement& bind(int parameter, std::uint64_t value) { return bind(parameter, static_cast<std::int64_t>(value)); }
    Statement& bind(int parameter, int value) { return bind(parameter, static_cast<std::int64_t>(value)); }
    Statement& bind(int parameter, bool value) { return bind(parameter, static_cast<std::int64_t>(value)); }
    Statement& bind_blob(int parameter, ByteView bytes);  // copied
    Statement& bind_null(int parameter);
    template <class T>
    Statement& bind(int parameter, const std::optional<T>& value) {
        return value ? bind(parameter, *value) : bind_null(parameter);
    }

    // True while there is a row to read.
    [[nodiscard]] Result<bool> step();
    // For statements that return no row: steps to the end and resets.
    [[nodiscard]] Result<void> run();
    // Makes it ready to be bound and stepped anew; forgets the bindings.
    void reset();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double number(int column) const;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Bytes blob(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;

private:
    friend class Database;
    friend class StatementShelf;
    struct Return {
        std::shared_ptr<StatementShelf> shelf;
        void operator()(sqlite3_stmt* statement) const;
    };
    using Handle = std::unique_ptr<sqlite3_stmt, Return>;
    explicit Statement(Handle statement) : statement_(std::move(statement)) {}
    Handle statement_;
};

// Rolls back when it dies without commit().
class Transaction {
public:
    Transaction(Transaction&& other) noexcept : database_(other.database_) { other.database_ = nullptr; }
    Transaction& operator=(Transaction&&) = delete;
    Transaction(const Transaction&) = delete;
    ~Transaction();

    // Durable when it returns success.
    [[nodiscard]] Result<void> commit();

private:
    friend class Database;
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

class Database {
public:
    enum class Access { read_write, read_only };

    // Creates the file (mode 0600) when it may be written and is absent. Waits up to five seconds for other writers.
    [[nodiscard]] static Result<Database> open(const std::filesystem::path& file, Access access = Access::read_write);

    // Runs one or more statements without parameters.
    [[nodiscard]] Result<void> execute(const std::string& sql);
    // Compiles `sql`, or takes up a statement of the same text that is not in use: asking again for one text costs a
    // look-up, so that a function may prepare what it needs where it needs it.
    [[nodiscard]] Result<Statement> prepare(std::string_view sql);
    // Takes the write lock at once (BEGIN IMMEDIATE), so that no later statement can fail for lack of it.
    [[nodiscard]] Result<Transaction> begin();

    [[nodiscard]] std::int64_t last_insert_rowid() const;
    // Rows that the last statement inserted, changed or deleted.
    [[nodiscard]] std::int64_t changes() const;
    // Schema version kept in the file's header (PRAGMA user_version).
    [[nodiscard]] Result<std::int64_t> user_version();

private:
    friend class Transaction;
    struct Closer {
        void operator()(sqlite3* database) const;
    };
    explicit Database(sqlite3* database);
    [[nodiscard]] Error failure(std::string_view what) const;
    std::unique_ptr<sqlite3, Closer> database_;
    std::shared_ptr<StatementShelf> shelf_;  // emptied before the connection closes
};

}  // namespace sallyport
