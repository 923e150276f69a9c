// SPDX-License-Identifier: Apache-2.0
//
// How times and lists stand in the tables: milliseconds since 1970 UTC, and JSON lists of texts; and how rows are read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/json.hpp"

namespace sallyport::store {

// Every row of the query, each as `make` reads it; `what` names the reading where it fails.
template <class Make>
[[nodiscard]] auto read_rows(Statement& query, std::string_view what, const Make& make)
    -> Result<std::vector<decltype(make(query))>> {
    std::vector<decltype(make(query))> rows;
    for (;;) {
        auto row = query.step();
        if (!row) return row.error().within(what);
        if (!*row) return rows;
        rows.push_back(make(query));
    }
}

[[nodiscard]] inline std::int64_t milliseconds(WallTime time) {
    return time.time_since_epoch().count();
}
[[nodiscard]] inline std::optional<std::int64_t> milliseconds(const std::optional<WallTime>& time) {
    return time ? std::optional(milliseconds(*time)) : std::nullopt;
}
[[nodiscard]] inline WallTime wall_time(std::int64_t count) {
    return WallTime(std::chrono::milliseconds(count));
}
[[nodiscard]] inline std::optional<WallTime> optional_time(const Statement& row, int column) {
    const auto count = row.optional_integer(column);
    return count ? std::optional(wall_time(*count)) : std::nullopt;
}

[[nodiscard]] inline std::string text_list(const std::vector<std::string>& texts) {
    return write_json(Value(List(texts.begin(), texts.end())));
}
// Nothing when the text is no list of texts.
[[nodiscard]] inline std::optional<std::vector<std::string>> texts_from(std::string_view json) {
    const auto value = read_json(json);
    const auto* list = value ? value->as<List>() : nullptr;
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const Value& item : *list) {
        const auto* text = item.as<std::string>();
        if (text == nullptr) return std::nullopt;
        texts.push_back(*text);
    }
    return texts;
}

}  // namespace sallyport::store
