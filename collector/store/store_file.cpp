// SPDX-License-Identifier: Apache-2.0
#include "collector/store/store_file.hpp"

#include "collector/store/schema.hpp"
#include "protocol/file_rights.hpp"

namespace sallyport::store {
namespace {

Result<void> check_rights(const std::filesystem::path& file) {
    // A folder that is not there fails as what it is: the place where the store cannot be made.
    if (!file.parent_path().empty() && std::filesystem::exists(file.parent_path()))
        if (auto done = check_private_folder(file.parent_path()); !done)
            return done;
    if (std::filesystem::exists(file))
        return check_secret_file(file);
    return {};
}

}  // namespace

Result<Database> open_store_file(const std::filesystem::path& file) {
    if (auto checked = check_rights(file); !checked)
        return checked.error().within("store");
    auto database = Database::open(file);
    if (!database)
        return database.error().within("store");
    // From the first line on: what moves between pages leaves nothing behind either.
    if (auto done = database->execute("PRAGMA secure_delete = ON"); !done)
        return done.error().within("store");
    if (auto migrated = migrate(*database); !migrated)
        return migrated.error();
    return database;
}

Result<std::filesystem::path> file_of(Database& database) {
    auto query = database.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'");
    if (!query)
        return query.error().within("store");
    auto row = query->step();
    return row ? Result<std::filesystem::path>(query->text(0)) : Result<std::filesystem::path>(row.error().within("store"));
}

Result<bool> empty_write_ahead_log(const std::filesystem::path& file) {
    auto database = Database::open(file);
    if (!database)
        return database.error().within("store");
    // It must not wait for a reader with the writer's lock in its hand.
    if (auto done = database->execute("PRAGMA busy_timeout = 20"); !done)
        return done.error().within("store");
    auto checkpoint = database->prepare("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!checkpoint)
        return checkpoint.error().within("store");
    auto row = checkpoint->step();
    if (!row)
        return row.error().within("store: checkpoint");
    return *row && checkpoint->integer(0) == 0;
}

}  // namespace sallyport::store
