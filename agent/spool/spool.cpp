// SPDX-License-Identifier: Apache-2.0
#include "agent/spool/spool.hpp"

#include <mutex>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/batch.hpp"
#include "protocol/catalogue.hpp"
#include "protocol/chain.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::agent {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kReserveBytes = 64 * 1024;  // for the record of the overflow itself
constexpr std::uint64_t kEvictedAtOnce = 200;
constexpr int kEvictionsPerAppend = 50;
constexpr std::int64_t kPrunedAtOnce = 2000;
constexpr std::uint64_t kCheckedAtOpen = 1000;
// Acknowledgements are remembered by the ten minutes in which they came: 288 rows for 48 h.
constexpr std::int64_t kBucketMilliseconds = 10 * 60 * 1000;
constexpr std::string_view kQueueEvent = "agent.queue";

constexpr const char* kSchema = R"(
    CREATE TABLE spool(id INTEGER PRIMARY KEY CHECK (id = 1), terminal TEXT NOT NULL, instance TEXT NOT NULL,
        key TEXT NOT NULL, base_seq INTEGER NOT NULL, base_head BLOB NOT NULL, acknowledged INTEGER NOT NULL,
        dropped INTEGER NOT NULL, previous_instance TEXT NOT NULL, previous_seq INTEGER, previous_head BLOB);
    CREATE TABLE link(seq INTEGER PRIMARY KEY, type TEXT NOT NULL, priority INTEGER NOT NULL, kept INTEGER NOT NULL,
        leaf BLOB NOT NULL, head BLOB NOT NULL);
    CREATE INDEX evictable ON link(priority, seq) WHERE kept = 1;
    CREATE TABLE line(seq INTEGER PRIMARY KEY, line TEXT NOT NULL);
    CREATE TABLE acknowledgement(until INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
    CREATE TABLE reserve(id INTEGER PRIMARY KEY CHECK (id = 1), filler BLOB NOT NULL);
)";

std::int64_t milliseconds(WallTime time) { return time.time_since_epoch().count(); }

Result<Digest> digest_at(const Statement& row, int column) {
    const Bytes bytes = row.blob(column);
    Digest digest{};
    if (bytes.size() != digest.size())
        return Error(Errc::corrupt, "a digest of " + std::to_string(bytes.size()) + " bytes");
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

std::uint64_t count_at(const Statement& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }

// What gives way first. The records of the overflow itself are few, and the last to go.
int rank_of(std::string_view type) {
    const EventType* known = find_event_type(type);
    const Priority priority = known != nullptr ? known->priority : Priority::normal;
    return static_cast<int>(priority) + (type == kQueueEvent ? 1 : 0);
}

// One number out of a statement without parameters.
Result<std::uint64_t> ask(Database& database, std::string_view sql) {
    auto statement = database.prepare(sql);
    if (!statement)
        return statement.error();
    auto row = statement->step();
    if (!row)
        return row.error();
    return *row ? count_at(*statement, 0) : 0;
}

}  // namespace

// The database and what is known of it in memory. The memory follows each commit, never leads it.
class Spool::Store {
public:
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file, std::string terminal,
                                               const PublicKey& enrolled, const Clock& clock, SpoolLimits limits,
                                               const Predecessor& predecessor);
    static Result<Predecessor> salvage(const std::filesystem::path& file);

    Store(Database database, std::string whose, const Clock& clock, SpoolLimits limits)
        : terminal(std::move(whose)), database_(std::move(database)), clock_(clock), limits_(limits) {}

    Result<SpoolPosition> append(std::string_view type, const Compose& compose);
    Result<SpoolSlice> read(std::uint64_t from_seq, std::size_t lines_max, std::size_t bytes_max);
    Result<Digest> head_at(std::uint64_t seq);
    Result<void> acknowledge(std::uint64_t seq, const Digest& head);
    QueuePressure pressure();

    std::mutex mutex;
    std::string terminal;
    std::string instance;
    Predecessor predecessor;
    SpoolPosition last;
    SpoolPosition base;  // the position before the first line that is still here
    std::uint64_t acknowledged = 0;
    std::uint64_t dropped = 0;

private:
    Result<void> create(const PublicKey& enrolled, const Predecessor& before);
    Result<void> load(const PublicKey& enrolled);
    Result<void> check_end();
    Result<void> insert(SpoolPosition next, std::string_view type, std::string_view text, const Digest& leaf, bool kept);
    Result<bool> make_room(int arriving);
    Result<std::uint64_t> evict(int arriving, std::uint64_t count);
    Result<void> remove_until(std::uint64_t seq);
    Result<void> prune();
    Result<void> keep_reserve(bool wanted);

    Database database_;
    const Clock& clock_;
    const SpoolLimits limits_;
    std::uint64_t kept_ = 0;  // lines with content
    bool reserved_ = false;
    bool overflowed_ = false;  // until drained
};

Result<std::unique_ptr<Spool::Store>> Spool::Store::open(const std::filesystem::path& file, std::string terminal,
                                                         const PublicKey& enrolled, const Clock& clock,
                                                         SpoolLimits limits, const Predecessor& predecessor) {
    auto database = Database::open(file);
    if (!database)
        return database.error();
    auto store = std::make_unique<Store>(std::move(*database), std::move(terminal), clock, limits);
    auto version = store->database_.user_version();
    if (!version)
        return version.error();
    if (*version > kSchemaVersion)
        return Error(Errc::bad_input, "written by a newer agent (schema " + std::to_string(*version) + ")");
    if (*version == 0) {
        if (auto made = store->create(enrolled, predecessor); !made)
            return made.error();
    }
    if (auto loaded = store->load(enrolled); !loaded)
        return loaded.error();
    return store;
}

Result<void> Spool::Store::create(const PublicKey& enrolled, const Predecessor& before) {
    auto transaction = database_.begin();
    if (!transaction)
        return transaction.error();
    if (auto made = database_.execute(kSchema); !made)
        return made.error();
    auto statement = database_.prepare("INSERT INTO spool VALUES(1, ?, ?, ?, 0, ?, 0, 0, ?, ?, ?)");
    if (!statement)
        return statement.error();
    const std::string fresh = random_id();
    statement->bind(1, terminal).bind(2, fresh).bind(3, enrolled.base64());
    statement->bind_blob(4, chain_genesis(terminal, fresh, enrolled)).bind(5, before.instance);
    if (before.last)
        statement->bind(6, before.last->seq).bind_blob(7, before.last->head);
    if (auto done = statement->run(); !done)
        return done.error();
    if (auto done = database_.execute("PRAGMA user_version = " + std::to_string(kSchemaVersion)); !done)
        return done.error();
    return transaction->commit();
}

Result<void> Spool::Store::load(const PublicKey& enrolled) {
    auto check = database_.prepare("PRAGMA quick_check(1)");
    if (!check)
        return check.error();
    auto checked = check->step();
    if (!checked)
        return checked.error();
    if (!*checked || check->text(0) != "ok")
        return Error(Errc::corrupt, "quick_check: " + check->text(0).substr(0, 200));
    check->reset();

    auto row = database_.prepare(
        "SELECT terminal, instance, key, base_seq, base_head, acknowledged, dropped, previous_instance, previous_seq,"
        " previous_head FROM spool");
    if (!row)
        return row.error();
    auto found = row->step();
    if (!found)
        return found.error();
    if (!*found)
        return Error(Errc::corrupt, "it has no instance");
    if (row->text(0) != terminal)
        return Error(Errc::conflict, "it belongs to terminal " + row->text(0) + ", not " + terminal);
    if (row->text(2) != enrolled.base64())
        return Error(Errc::refused, "it was begun under another enrolled key");
    instance = row->text(1);
    auto base_head = digest_at(*row, 4);
    if (!base_head)
        return base_head.error();
    base = {count_at(*row, 3), *base_head};
    acknowledged = count_at(*row, 5);
    dropped = count_at(*row, 6);
    predecessor.instance = row->text(7);
    if (!row->is_null(8)) {
        auto head = digest_at(*row, 9);
        if (!head)
            return head.error();
        predecessor.last = SpoolPosition{count_at(*row, 8), *head};
    }
    row->reset();
    auto kept = ask(database_, "SELECT count(*) FROM line");
    auto reserve = ask(database_, "SELECT count(*) FROM reserve");
    if (!kept || !reserve)
        return kept ? reserve.error() : kept.error();
    kept_ = *kept;
    reserved_ = *reserve != 0;
    if (auto sound = check_end(); !sound)
        return sound.error();
    const std::uint64_t pages = std::max<std::uint64_t>(limits_.bytes_max / kPageBytes, 64);
    if (auto done = database_.execute("PRAGMA wal_autocheckpoint = 250; PRAGMA max_page_count = " + std::to_string(pages));
        !done)
        return done.error();
    // No room for the reserve is no reason not to start: the overflow has been recorded by then.
    if (auto done = keep_reserve(true); !done && done.error().code() != Errc::exhausted)
        return done.error();
    return {};
}

// Numbers without a hole, and the chain re-computed over the newest lines: what an interrupted write would have torn.
Result<void> Spool::Store::check_end() {
    auto count = ask(database_, "SELECT count(*) FROM link");
    auto newest = ask(database_, "SELECT coalesce(max(seq), 0) FROM link");
    if (!count || !newest)
        return count ? newest.error() : count.error();
    last = base;
    if (*count == 0)
        return {};
    if (*newest - base.seq != *count)
        return Error(Errc::corrupt, std::to_string(*count) + " lines between seq " + std::to_string(base.seq) + " and " +
                                        std::to_string(*newest));
    const std::uint64_t from = *newest - base.seq > kCheckedAtOpen ? *newest - kCheckedAtOpen : base.seq;
    last.seq = *newest;  // so that head_at() may look
    auto head = head_at(from);
    if (!head)
        return head.error();
    auto rows = database_.prepare(
        "SELECT link.seq, leaf, head, line FROM link LEFT JOIN line USING(seq) WHERE link.seq > ? ORDER BY link.seq");
    if (!rows)
        return rows.error();
    rows->bind(1, from);
    last.head = *head;
    for (;;) {
        auto more = rows->step();
        if (!more)
            return more.error();
        if (!*more)
            return {};
        auto leaf = digest_at(*rows, 1);
        auto stored = digest_at(*rows, 2);
        if (!leaf || !stored)
            return leaf ? stored.error() : leaf.error();
        last.head = chain_link(last.head, *leaf);
        if (last.head != *stored || (!rows->is_null(3) && leaf_of(rows->text(3)) != *leaf))
            return Error(Errc::corrupt, "the chain breaks at seq " + std::to_string(rows->integer(0)));
    }
}

Result<Predecessor> Spool::Store::salvage(const std::filesystem::path& file) {
    Predecessor before;
    auto database = Database::open(file, Database::Access::read_only);
    if (!database)
        return database.error();
    auto row = database->prepare("SELECT instance, base_seq, base_head FROM spool");
    if (!row)
        return row.error();
    if (auto found = row->step(); !found || !*found)
        return found ? Error(Errc::corrupt, "no instance") : found.error();
    before.instance = row->text(0);
    if (auto head = digest_at(*row, 2))
        before.last = SpoolPosition{count_at(*row, 1), *head};
    auto newest = database->prepare("SELECT seq, head FROM link ORDER BY seq DESC LIMIT 1");
    if (!newest)
        return before;
    if (auto found = newest->step(); found && *found) {
        if (auto head = digest_at(*newest, 1))
            before.last = SpoolPosition{count_at(*newest, 0), *head};
    }
    return before;
}

Result<SpoolPosition> Spool::Store::append(std::string_view type, const Compose& compose) {
    auto text = compose(last.seq + 1);
    if (!text)
        return text.error();
    if (text->size() > kEventLineBytesMax || text->find('\n') != std::string::npos)
        return Error(Errc::internal, "a line of " + std::to_string(text->size()) + " bytes, or with a line feed");
    const Digest leaf = leaf_of(*text);
    const SpoolPosition next{last.seq + 1, chain_link(last.head, leaf)};
    const int rank = rank_of(type);
    const bool about_itself = type == kQueueEvent;

    bool keep = true;
    if (kept_ >= limits_.lines_max && !about_itself) {
        auto room = make_room(rank);
        if (!room)
            return room.error();
        keep = *room;
    }
    for (int attempt = 0;; ++attempt) {
        auto done = insert(next, type, *text, leaf, keep);
        if (done)
            break;
        if (attempt == 0 && done.error().retryable()) {
            // A full disk is met by the write-ahead log first; what it holds may still find room in the file.
            if (!database_.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
                return done.error();
            continue;
        }
        if (done.error().code() != Errc::exhausted || attempt == kEvictionsPerAppend)
            return done.error();
        if (about_itself && reserved_) {
            if (auto freed = keep_reserve(false); !freed)
                return freed.error();
            continue;
        }
        auto room = make_room(rank);
        if (!room)
            return room.error();
        if (!*room && !keep)
            return done.error();
        keep = *room;
    }
    last = next;
    return last;
}

// One transaction: the line is there with its link, or neither is. What is not kept is counted with it.
Result<void> Spool::Store::insert(SpoolPosition next, std::string_view type, std::string_view text, const Digest& leaf,
                                  bool kept) {
    auto transaction = database_.begin();
    if (!transaction)
        return transaction.error();
    auto link = database_.prepare("INSERT INTO link VALUES(?, ?, ?, ?, ?, ?)");
    if (!link)
        return link.error();
    link->bind(1, next.seq).bind(2, type).bind(3, rank_of(type)).bind(4, kept);
    link->bind_blob(5, leaf).bind_blob(6, next.head);
    if (auto done = link->run(); !done)
        return done.error();
    auto line = kept ? database_.prepare("INSERT INTO line VALUES(?, ?)")
                     : database_.prepare("UPDATE spool SET dropped = dropped + 1");
    if (!line)
        return line.error();
    if (kept)
        line->bind(1, next.seq).bind(2, text);
    if (auto done = line->run(); !done)
        return done.error();
    if (auto done = transaction->commit(); !done)
        return done.error();
    kept_ += kept ? 1 : 0;
    dropped += kept ? 0 : 1;
    overflowed_ = overflowed_ || !kept;
    return {};
}

// First what the collector has already, then the oldest content of the lowest priority. False when everything here
// counts for more than what arrives: then that one becomes a tombstone itself.
Result<bool> Spool::Store::make_room(int arriving) {
    if (base.seq < acknowledged) {
        if (auto done = remove_until(std::min(acknowledged, base.seq + kEvictedAtOnce)); !done)
            return done.error();
        return true;
    }
    // As many as makes it worth while, as few as a small spool can bear.
    auto evicted = evict(arriving, std::clamp<std::uint64_t>(limits_.lines_max / 100, 1, kEvictedAtOnce));
    if (!evicted)
        return evicted.error();
    return *evicted > 0;
}

Result<std::uint64_t> Spool::Store::evict(int arriving, std::uint64_t count) {
    auto transaction = database_.begin();
    if (!transaction)
        return transaction.error();
    auto chosen = database_.prepare(
        "SELECT seq FROM link WHERE kept = 1 AND priority <= ? ORDER BY priority, seq LIMIT ?");
    if (!chosen)
        return chosen.error();
    chosen->bind(1, arriving).bind(2, count);
    std::vector<std::int64_t> numbers;
    for (;;) {
        auto more = chosen->step();
        if (!more)
            return more.error();
        if (!*more)
            break;
        numbers.push_back(chosen->integer(0));
    }
    auto forget = database_.prepare("UPDATE link SET kept = 0 WHERE seq = ?");
    auto remove = database_.prepare("DELETE FROM line WHERE seq = ?");
    auto count_them = database_.prepare("UPDATE spool SET dropped = dropped + ?");
    if (!forget || !remove || !count_them)
        return !forget ? forget.error() : !remove ? remove.error() : count_them.error();
    for (const std::int64_t seq : numbers) {
        if (auto done = forget->bind(1, seq).run(); !done)
            return done.error();
        if (auto done = remove->bind(1, seq).run(); !done)
            return done.error();
    }
    if (auto done = count_them->bind(1, numbers.size()).run(); !done)
        return done.error();
    if (auto done = transaction->commit(); !done)
        return done.error();
    kept_ -= numbers.size();
    dropped += numbers.size();
    overflowed_ = overflowed_ || !numbers.empty();
    return numbers.size();
}

Result<SpoolSlice> Spool::Store::read(std::uint64_t from_seq, std::size_t lines_max, std::size_t bytes_max) {
    if (from_seq <= base.seq)
        return Error(Errc::not_found, "seq " + std::to_string(from_seq) + ": removed, seq " +
                                          std::to_string(base.seq + 1) + " is the first one left");
    SpoolSlice slice{.first_seq = from_seq, .previous = {}, .lines = {}};
    if (from_seq > last.seq)
        return slice;
    auto previous = head_at(from_seq - 1);
    if (!previous)
        return previous.error();
    slice.previous = *previous;
    auto rows = database_.prepare("SELECT link.seq, type, leaf, line FROM link LEFT JOIN line USING(seq)"
                                  " WHERE link.seq >= ? ORDER BY link.seq LIMIT ?");
    if (!rows)
        return rows.error();
    rows->bind(1, from_seq).bind(2, static_cast<std::uint64_t>(lines_max));
    std::size_t bytes = 0;
    for (std::uint64_t seq = from_seq;; ++seq) {
        auto more = rows->step();
        if (!more)
            return more.error();
        if (!*more)
            return slice;
        if (count_at(*rows, 0) != seq)
            return Error(Errc::corrupt, "seq " + std::to_string(seq) + " is missing");
        std::string text = rows->text(3);
        if (rows->is_null(3)) {
            auto leaf = digest_at(*rows, 2);
            if (!leaf)
                return leaf.error();
            text = encode_tombstone({seq, rows->text(1), *leaf, "evicted"});
        }
        bytes += text.size() + 1;
        if (bytes > bytes_max && !slice.lines.empty())
            return slice;
        slice.lines.push_back(std::move(text));
    }
}

Result<Digest> Spool::Store::head_at(std::uint64_t seq) {
    if (seq == base.seq)
        return base.head;
    if (seq < base.seq || seq > last.seq)
        return Error(Errc::not_found, "seq " + std::to_string(seq) + ": not here");
    auto row = database_.prepare("SELECT head FROM link WHERE seq = ?");
    if (!row)
        return row.error();
    auto found = row->bind(1, seq).step();
    if (!found)
        return found.error();
    if (!*found)
        return Error(Errc::corrupt, "seq " + std::to_string(seq) + " is missing");
    return digest_at(*row, 0);
}

Result<void> Spool::Store::acknowledge(std::uint64_t seq, const Digest& head) {
    if (seq > last.seq)
        return Error(Errc::conflict, "the collector acknowledges seq " + std::to_string(seq) + ", written are only " +
                                         std::to_string(last.seq));
    if (seq < base.seq)
        return {};  // long since acknowledged and removed
    auto own = head_at(seq);
    if (!own)
        return own.error();
    if (*own != head)
        return Error(Errc::conflict, "seq " + std::to_string(seq) + ": the collector's head is not ours");
    if (seq <= acknowledged)
        return {};
    auto transaction = database_.begin();
    if (!transaction)
        return transaction.error();
    auto mark = database_.prepare("UPDATE spool SET acknowledged = ?");
    auto remember = database_.prepare("INSERT OR REPLACE INTO acknowledgement VALUES(?, ?)");
    if (!mark || !remember)
        return mark ? remember.error() : mark.error();
    const std::int64_t until = (milliseconds(clock_.now()) / kBucketMilliseconds + 1) * kBucketMilliseconds;
    if (auto done = mark->bind(1, seq).run(); !done)
        return done.error();
    if (auto done = remember->bind(1, until).bind(2, seq).run(); !done)
        return done.error();
    if (auto done = transaction->commit(); !done)
        return done.error();
    acknowledged = seq;
    return prune();
}

// What was acknowledged longer ago than it is kept for.
Result<void> Spool::Store::prune() {
    const std::int64_t before = milliseconds(clock_.now() - limits_.acknowledged_kept);
    auto due = database_.prepare("SELECT coalesce(max(seq), 0) FROM acknowledgement WHERE until <= ?");
    if (!due)
        return due.error();
    if (auto row = due->bind(1, before).step(); !row)
        return row.error();
    const std::uint64_t until = count_at(*due, 0);
    due->reset();
    if (until > base.seq) {
        if (auto done = remove_until(std::min(until, base.seq + kPrunedAtOnce)); !done)
            return done.error();
    }
    if (base.seq >= until) {
        auto forget = database_.prepare("DELETE FROM acknowledgement WHERE until <= ?");
        if (!forget)
            return forget.error();
        if (auto done = forget->bind(1, before).run(); !done)
            return done.error();
    }
    return reserved_ ? Result<void>() : keep_reserve(true);
}

Result<void> Spool::Store::remove_until(std::uint64_t seq) {
    auto head = head_at(seq);
    if (!head)
        return head.error();
    auto transaction = database_.begin();
    if (!transaction)
        return transaction.error();
    auto lines = database_.prepare("DELETE FROM line WHERE seq <= ?");
    auto links = database_.prepare("DELETE FROM link WHERE seq <= ?");
    auto move = database_.prepare("UPDATE spool SET base_seq = ?, base_head = ?");
    if (!lines || !links || !move)
        return !lines ? lines.error() : !links ? links.error() : move.error();
    if (auto done = lines->bind(1, seq).run(); !done)
        return done.error();
    const auto removed = static_cast<std::uint64_t>(database_.changes());
    if (auto done = links->bind(1, seq).run(); !done)
        return done.error();
    if (auto done = move->bind(1, seq).bind_blob(2, *head).run(); !done)
        return done.error();
    if (auto done = transaction->commit(); !done)
        return done.error();
    base = {seq, *head};
    kept_ -= removed;
    return {};
}

Result<void> Spool::Store::keep_reserve(bool wanted) {
    if (reserved_ == wanted)
        return {};
    auto statement = wanted ? database_.prepare("INSERT INTO reserve VALUES(1, zeroblob(?))")
                            : database_.prepare("DELETE FROM reserve");
    if (!statement)
        return statement.error();
    if (wanted)
        statement->bind(1, kReserveBytes);
    if (auto done = statement->run(); !done)
        return done.error();
    reserved_ = wanted;
    return {};
}

QueuePressure Spool::Store::pressure() {
    const std::uint64_t retained = last.seq - base.seq;
    const std::uint64_t waiting = last.seq - acknowledged;
    auto pages = ask(database_, "PRAGMA page_count");
    auto free_pages = ask(database_, "PRAGMA freelist_count");
    const double used = pages && free_pages ? static_cast<double>((*pages - *free_pages) * kPageBytes) : 0;
    const double share = retained == 0 ? 0 : static_cast<double>(waiting) / static_cast<double>(retained);
    const double full = std::max(used * share / static_cast<double>(limits_.bytes_max),
                                 static_cast<double>(std::min(waiting, kept_)) / static_cast<double>(limits_.lines_max));
    if (waiting == 0 || full < 0.5)
        overflowed_ = false;
    if (overflowed_)
        return QueuePressure::overflow;
    return full >= 0.8 ? QueuePressure::filling : QueuePressure::calm;
}

Spool::Spool(std::unique_ptr<Store> store) : store_(std::move(store)) {}
Spool::~Spool() = default;

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path& file, std::string terminal,
                                           const PublicKey& enrolled, const Clock& clock, SpoolLimits limits) {
    auto store = Store::open(file, std::move(terminal), enrolled, clock, limits, {});
    if (!store)
        return store.error().within("spool " + file.string());
    return std::unique_ptr<Spool>(new Spool(std::move(*store)));
}

Result<Spool::Opened> Spool::open_or_replace(const std::filesystem::path& file, const std::string& terminal,
                                             const PublicKey& enrolled, const Clock& clock, SpoolLimits limits) {
    auto first = open(file, terminal, enrolled, clock, limits);
    if (first)
        return Opened{std::move(*first), std::nullopt};
    if (first.error().code() != Errc::corrupt && first.error().code() != Errc::refused)
        return first.error();

    auto known = Store::salvage(file);
    const std::string aside =
        file.string() + ".replaced-" + std::to_string(milliseconds(clock.now()));
    for (const char* part : {"", "-wal", "-shm"}) {
        std::error_code failure;
        std::filesystem::rename(file.string() + part, aside + part, failure);
        if (failure && failure != std::errc::no_such_file_or_directory)
            return Error(Errc::io, "spool " + file.string() + part + ": cannot be moved aside: " + failure.message());
    }
    auto store = Store::open(file, terminal, enrolled, clock, limits, known ? *known : Predecessor());
    if (!store)
        return store.error().within("spool " + file.string());
    return Opened{std::unique_ptr<Spool>(new Spool(std::move(*store))),
                  Error(first.error().code(), first.error().message() + "; it is kept as " + aside)};
}

const std::string& Spool::terminal() const { return store_->terminal; }
const std::string& Spool::instance() const { return store_->instance; }

std::optional<Predecessor> Spool::predecessor() const {
    const std::lock_guard lock(store_->mutex);
    return store_->last.seq == 0 ? std::optional(store_->predecessor) : std::nullopt;
}

Result<SpoolPosition> Spool::append(std::string_view type, const Compose& compose) {
    const std::lock_guard lock(store_->mutex);
    auto position = store_->append(type, compose);
    return position ? position : position.error().within("spool: append: seq " + std::to_string(store_->last.seq + 1));
}

Result<SpoolSlice> Spool::read(std::uint64_t from_seq, std::size_t lines_max, std::size_t bytes_max) const {
    const std::lock_guard lock(store_->mutex);
    auto slice = store_->read(from_seq, lines_max, bytes_max);
    return slice ? std::move(slice) : slice.error().within("spool: read");
}

Result<Digest> Spool::head_at(std::uint64_t seq) const {
    const std::lock_guard lock(store_->mutex);
    return store_->head_at(seq);
}

Result<void> Spool::acknowledge(std::uint64_t seq, const Digest& head) {
    const std::lock_guard lock(store_->mutex);
    auto done = store_->acknowledge(seq, head);
    return done ? done : done.error().within("spool: acknowledge");
}

SpoolPosition Spool::last() const {
    const std::lock_guard lock(store_->mutex);
    return store_->last;
}

std::uint64_t Spool::first_retained() const {
    const std::lock_guard lock(store_->mutex);
    return store_->base.seq + 1;
}

std::uint64_t Spool::acknowledged() const {
    const std::lock_guard lock(store_->mutex);
    return store_->acknowledged;
}

std::uint64_t Spool::depth() const {
    const std::lock_guard lock(store_->mutex);
    return store_->last.seq - store_->acknowledged;
}

std::uint64_t Spool::dropped() const {
    const std::lock_guard lock(store_->mutex);
    return store_->dropped;
}

QueuePressure Spool::pressure() const {
    const std::lock_guard lock(store_->mutex);
    return store_->pressure();
}

}  // namespace sallyport::agent
