// SPDX-License-Identifier: Apache-2.0
//
// The store's file as every program that writes it opens it: nobody else may read it, its schema is this program's, and
// what is deleted from it is overwritten.
#pragma once

#include <filesystem>

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

// Makes the file when it is absent. Errc::refused, naming file and mode, when others have rights to it; Errc::conflict
// for a file of a newer program.
[[nodiscard]] Result<Database> open_store_file(const std::filesystem::path& file);

// Reads every page of the file and looks whether they fit together; about a second for 200 MB. Errc::corrupt with what SQLite
// found first. Holds a snapshot for as long.
[[nodiscard]] Result<void> check_pages(Database& reader);

// The file that the connection has open.
[[nodiscard]] Result<std::filesystem::path> file_of(Database& database);

// Empties the write-ahead log into the file: until then it still holds what was deleted. False when a reader was in the
// way: ask again later. On a connection of its own; it holds the writer up for as long as the copying takes.
[[nodiscard]] Result<bool> empty_write_ahead_log(const std::filesystem::path& file);

}  // namespace sallyport::store
