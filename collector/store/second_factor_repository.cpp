// SPDX-License-Identifier: Apache-2.0
#include "collector/store/second_factor_repository.hpp"

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr auto kWhat = "store: second factor";

}  // namespace

Result<std::optional<SecondFactor>> find_second_factor(Database& database, std::string_view account) {
    auto query = database.prepare("SELECT secret, last_step FROM second_factor WHERE account = ?1");
    if (!query) return query.error().within(kWhat);
    auto row = query->bind(1, account).step();
    if (!row) return row.error().within(kWhat);
    if (!*row) return std::optional<SecondFactor>();
    return std::optional(SecondFactor{query->blob(0), query->optional_integer(1)});
}

Result<void> save_second_factor(Database& database, std::string_view account, ByteView secret, WallTime now) {
    auto statement = database.prepare(
        "INSERT OR REPLACE INTO second_factor (account, secret, last_step, set_at) VALUES (?1, ?2, NULL, ?3)");
    if (!statement) return statement.error().within(kWhat);
    if (auto done = statement->bind(1, account).bind_blob(2, secret).bind(3, milliseconds(now)).run(); !done)
        return done.error().within(kWhat);
    return {};
}

Result<bool> remove_second_factor(Database& database, std::string_view account) {
    auto statement = database.prepare("DELETE FROM second_factor WHERE account = ?1");
    if (!statement) return statement.error().within(kWhat);
    if (auto done = statement->bind(1, account).run(); !done) return done.error().within(kWhat);
    return database.changes() > 0;
}

Result<void> use_code(Database& database, std::string_view account, std::int64_t step) {
    auto statement = database.prepare(
        "UPDATE second_factor SET last_step = ?2 WHERE account = ?1 AND (last_step IS NULL OR last_step < ?2)");
    if (!statement) return statement.error().within(kWhat);
    if (auto done = statement->bind(1, account).bind(2, step).run(); !done) return done.error().within(kWhat);
    return database.changes() == 1 ? Result<void>() : Result<void>(Error(Errc::refused, "this code was used before"));
}

}  // namespace sallyport::store
