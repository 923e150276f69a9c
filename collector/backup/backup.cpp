// SPDX-License-Identifier: Apache-2.0
#include "collector/backup/backup.hpp"

#include "collector/store/audit_log.hpp"
#include "collector/store/restored_mark.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/store_lock.hpp"
#include "protocol/adapters/sqlite_copy.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/file_digest.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/json_fields.hpp"
#include "protocol/schema.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::backup {
namespace {

constexpr std::string_view kManifest = "manifest.json", kSignature = "manifest.sig";
constexpr std::string_view kSealed = "store.sealed", kClear = "store.db";

constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"made_at", FieldKind::token, true, 1, 32, {}, {}},
    {"ori", FieldKind::token, true, 9, 9, {}, {}},
    {"store_file", FieldKind::token, true, 1, 32, {}, {}},
    {"schema", FieldKind::integer, true, 1, 10'000, {}, {}},
    {"lines", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"store_sha256", FieldKind::hex, true, 64, 64, {}, {}},
    {"heads", FieldKind::hex, true, 64, 64, {}, {}},
};

std::string encode(const Manifest& manifest) {
    return write_json(Record{{"v", 1},
                             {"made_at", format_time(manifest.made_at)},
                             {"ori", manifest.ori},
                             {"store_file", manifest.store_file},
                             {"schema", manifest.schema},
                             {"lines", manifest.lines},
                             {"store_sha256", to_hex(manifest.store_sha256)},
                             {"heads", to_hex(manifest.heads)}});
}

Result<Manifest> decode(std::string_view text) {
    auto record = read_json_record(text, JsonLimits{.bytes_max = 4096, .depth_max = 1, .fields_max = 16});
    if (!record)
        return record.error();
    if (auto fault = check_fields(*record, kFields))
        return Error(Errc::corrupt, "field '" + fault->field + "': " + fault->reason);
    Manifest manifest;
    const auto made_at = parse_time(text_of(*record, "made_at"));
    if (!made_at)
        return Error(Errc::corrupt, "field 'made_at': no time");
    manifest.made_at = *made_at;
    manifest.ori = text_of(*record, "ori");
    manifest.store_file = text_of(*record, "store_file");
    if (manifest.store_file != kSealed && manifest.store_file != kClear)
        return Error(Errc::corrupt, "field 'store_file': neither store.sealed nor store.db");
    manifest.schema = integer_of(*record, "schema");
    manifest.lines = integer_of(*record, "lines");
    manifest.store_sha256 = *digest_from_hex(text_of(*record, "store_sha256"));
    manifest.heads = *digest_from_hex(text_of(*record, "heads"));
    return manifest;
}

Bytes signed_claim(std::string_view manifest) {
    Bytes claim;
    append_framed(claim, "sallyport/1/backup");
    append_framed(claim, manifest);
    return claim;
}

// Gone with the object, whatever happens in between: the store in clear.
class ClearCopy {
public:
    explicit ClearCopy(std::filesystem::path file) : file_(std::move(file)) { remove(); }
    ~ClearCopy() { remove(); }
    ClearCopy(const ClearCopy&) = delete;
    ClearCopy& operator=(const ClearCopy&) = delete;
    [[nodiscard]] const std::filesystem::path& file() const { return file_; }

private:
    void remove() const {
        std::error_code ignored;
        for (const char* part : {"", "-journal", "-wal", "-shm"})
            std::filesystem::remove(file_.string() + part, ignored);
    }
    std::filesystem::path file_;
};

// What must be the same in the store, the backup and what comes back of it.
Result<void> read_content(const std::filesystem::path& file, Manifest& manifest) {
    auto database = Database::open(file, Database::Access::read_only);
    if (!database)
        return database.error();
    auto schema = database->user_version();
    auto check = database->prepare("PRAGMA quick_check(1)");
    auto lines = database->prepare("SELECT count(*) FROM event");
    auto streams = database->prepare("SELECT terminal_id, instance, last_seq, head FROM stream ORDER BY terminal_id, instance");
    auto audit = database->prepare("SELECT log_id, hash FROM audit ORDER BY log_id DESC LIMIT 1");
    if (!schema)
        return schema.error();
    for (const auto* statement : {&check, &lines, &streams, &audit})
        if (!*statement)
            return statement->error();
    auto sound = check->step();
    auto counted = lines->step();
    if (!sound || !counted)
        return (sound ? counted : sound).error();
    if (!*sound || check->text(0) != "ok")
        return Error(Errc::corrupt, "quick_check: " + check->text(0).substr(0, 200));
    manifest.schema = *schema;
    manifest.lines = lines->integer(0);
    Bytes claim;
    for (;;) {
        auto row = streams->step();
        if (!row)
            return row.error();
        if (!*row)
            break;
        append_framed(claim, streams->text(0));
        append_framed(claim, streams->text(1));
        append_framed(claim, static_cast<std::uint64_t>(streams->integer(2)));
        append_framed(claim, ByteView(streams->blob(3)));
    }
    auto last = audit->step();
    if (!last)
        return last.error();
    if (*last) {
        append_framed(claim, static_cast<std::uint64_t>(audit->integer(0)));
        append_framed(claim, ByteView(audit->blob(1)));
    }
    manifest.heads = sha256(claim);
    return {};
}

Result<void> write_manifest(const BackupJob& job, const Manifest& manifest) {
    const std::string text = encode(manifest);
    auto signature = job.signing_key.sign(signed_claim(text));
    if (!signature)
        return signature.error();
    if (auto done = replace_file(job.folder / kSignature, to_base64(*signature), Secrecy::secret); !done)
        return done;
    // Last: a folder without a manifest is no backup.
    return replace_file(job.folder / kManifest, text, Secrecy::secret);
}

Result<Manifest> fill(const BackupJob& job) {
    // Beside the store, under its protection, and not where backups are carried from.
    const ClearCopy copy(job.store.string() + ".copy");
    if (auto done = copy_database(job.store, copy.file(), job.between); !done)
        return done.error();
    Manifest manifest;
    manifest.made_at = job.now;
    manifest.ori = job.ori;
    manifest.store_file = job.key ? kSealed : kClear;
    if (auto read = read_content(copy.file(), manifest); !read)
        return read.error();
    auto digest = sha256_of_file(copy.file());
    if (!digest)
        return digest.error();
    manifest.store_sha256 = *digest;
    const std::filesystem::path target = job.folder / manifest.store_file;
    if (job.key) {
        if (auto sealed = seal_file(copy.file(), target, *job.key); !sealed)
            return sealed.error();
    } else if (auto copied = copy_database(copy.file(), target, [] {}); !copied) {
        return copied.error();
    }
    auto back = job.key ? digest_of_sealed(target, *job.key) : sha256_of_file(target);
    if (!back)
        return back.error();
    if (!job.key)
        manifest.store_sha256 = *back;  // SQLite counts its own copying in the header
    else if (*back != manifest.store_sha256)
        return Error(Errc::corrupt, target.string() + ": reads back as another store");
    if (auto done = write_manifest(job, manifest); !done)
        return done.error();
    return manifest;
}

Result<Manifest> read_manifest(const std::filesystem::path& folder, const PublicKey& collector) {
    auto text = read_file(folder / kManifest);
    auto signature = read_file(folder / kSignature);
    if (!text || !signature)
        return (text ? signature : text).error();
    auto bytes = from_base64(*signature);
    if (!bytes || !collector.verify(signed_claim(*text), *bytes))
        return Error(Errc::corrupt, (folder / kManifest).string() + ": not signed by this collector's key");
    auto manifest = decode(*text);
    return manifest ? std::move(manifest) : manifest.error().within((folder / kManifest).string());
}

// The store of the backup in clear at `file`, which must not be there, compared with the manifest.
Result<void> take_out(const std::filesystem::path& folder, const Manifest& manifest, const std::optional<SealKey>& key,
                      const std::filesystem::path& file) {
    const std::filesystem::path source = folder / manifest.store_file;
    if (manifest.store_file == kSealed) {
        if (!key)
            return Error(Errc::bad_input, source.string() + " is sealed: give its key");
        if (auto done = unseal_file(source, file, *key); !done)
            return done;
    } else {
        std::error_code failure;
        if (!std::filesystem::copy_file(source, file, failure))
            return Error(Errc::io, source.string() + ": " + failure.message());
        std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    auto digest = sha256_of_file(file);
    if (!digest)
        return digest.error();
    if (*digest != manifest.store_sha256)
        return Error(Errc::corrupt, source.string() + ": is not the store of which the manifest speaks");
    Manifest found;
    if (auto read = read_content(file, found); !read)
        return read.error().within(source.string());
    if (found.heads != manifest.heads || found.lines != manifest.lines || found.schema != manifest.schema)
        return Error(Errc::corrupt, source.string() + ": its heads, lines or schema are not the manifest's");
    return {};
}

Result<void> prepare(const std::filesystem::path& file, const Manifest& manifest, const RestoreJob& job) {
    auto database = Database::open(file);
    if (!database)
        return database.error();
    if (auto done = store::migrate(*database); !done)
        return done;
    if (auto audited = store::verify_audit(*database); !audited)
        return audited.error();
    auto transaction = database->begin();
    if (!transaction)
        return transaction.error();
    if (auto done = store::mark_restored(*database, {manifest.made_at, job.now, manifest.lines}, manifest.ori, job.collector,
                                         job.published);
        !done)
        return done;
    store::AuditEntry entry;
    entry.actor = "system";
    entry.actor_role = "system";
    entry.action = "store.restore";
    entry.object_type = "store";
    entry.object_id = format_time(manifest.made_at);
    entry.detail = write_json(Record{{"lines", manifest.lines}});
    if (auto done = store::append_audit(*database, entry, job.now); !done)
        return done;
    if (auto done = transaction->commit(); !done)
        return done;
    return database->execute("PRAGMA journal_mode = DELETE");  // one file, to be moved
}

Result<std::optional<std::filesystem::path>> make_way(const RestoreJob& job) {
    if (!std::filesystem::exists(job.store))
        return std::optional<std::filesystem::path>();
    const std::string aside = job.store.string() + ".replaced-" + std::to_string(job.now.time_since_epoch().count());
    for (const char* part : {"", "-wal", "-shm"}) {
        std::error_code failure;
        std::filesystem::rename(job.store.string() + part, aside + part, failure);
        if (failure && failure != std::errc::no_such_file_or_directory)
            return Error(Errc::io, job.store.string() + part + ": cannot be moved aside: " + failure.message());
    }
    return std::optional(std::filesystem::path(aside));
}

}  // namespace

Result<Manifest> make_backup(const BackupJob& job) {
    if (std::filesystem::exists(job.folder))
        return Error(Errc::conflict, "backup: " + job.folder.string() + " is there already");
    if (auto made = make_secret_directory(job.folder); !made)
        return made.error().within("backup");
    auto manifest = fill(job);
    if (!manifest) {
        std::error_code ignored;
        std::filesystem::remove_all(job.folder, ignored);
        return manifest.error().within("backup");
    }
    return manifest;
}

Result<Manifest> check_backup(const std::filesystem::path& folder, const std::optional<SealKey>& key, const PublicKey& collector,
                              const std::filesystem::path& scratch) {
    auto manifest = read_manifest(folder, collector);
    if (!manifest)
        return manifest.error().within("backup");
    const ClearCopy copy(scratch);
    auto done = take_out(folder, *manifest, key, copy.file());
    return done ? std::move(manifest) : done.error().within("backup");
}

Result<Restored> restore_backup(const RestoreJob& job) {
    auto lock = store::StoreLock::take(job.store);
    if (!lock)
        return lock.error().within("restore");
    if (std::filesystem::exists(job.store) && !job.replace)
        return Error(Errc::conflict, "restore: " + job.store.string() + " is there already; --replace moves it aside");
    auto manifest = read_manifest(job.folder, job.collector);
    if (!manifest)
        return manifest.error().within("restore");
    const ClearCopy copy(job.store.string() + ".restoring");
    if (auto done = take_out(job.folder, *manifest, job.key, copy.file()); !done)
        return done.error().within("restore");
    if (auto done = prepare(copy.file(), *manifest, job); !done)
        return done.error().within("restore");
    auto aside = make_way(job);
    if (!aside)
        return aside.error().within("restore");
    std::error_code failure;
    std::filesystem::rename(copy.file(), job.store, failure);
    if (failure)
        return Error(Errc::io, "restore: " + job.store.string() + ": " + failure.message());
    return Restored{std::move(*manifest), std::move(*aside)};
}

}  // namespace sallyport::backup
