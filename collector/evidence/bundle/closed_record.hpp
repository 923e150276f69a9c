// SPDX-License-Identifier: Apache-2.0
//
// Reads the fields of a JSON object that must have exactly those that are asked for. The first that is missing, of another
// kind or too many is kept as the failure, so that a reader asks for all of them and looks once, at the end. One thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::evidence {

class ClosedRecord {
public:
    // The record outlives its reader.
    explicit ClosedRecord(const Record& record) : record_(record) {}

    // After a failure they give something empty.
    [[nodiscard]] std::string text(std::string_view name);
    [[nodiscard]] std::optional<std::string> text_or_null(std::string_view name);
    [[nodiscard]] std::uint64_t number(std::string_view name);  // 0 .. 2^63 - 1
    [[nodiscard]] bool flag(std::string_view name);
    [[nodiscard]] WallTime time(std::string_view name);
    [[nodiscard]] std::optional<WallTime> time_or_null(std::string_view name);
    [[nodiscard]] Digest hex_digest(std::string_view name);
    [[nodiscard]] Digest base64_digest(std::string_view name);
    [[nodiscard]] std::vector<Digest> hex_digests(std::string_view name);
    [[nodiscard]] std::vector<Digest> base64_digests(std::string_view name);
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);
    [[nodiscard]] std::vector<std::uint64_t> numbers(std::string_view name);
    [[nodiscard]] const Record& record(std::string_view name);
    [[nodiscard]] const List& list(std::string_view name);
    // A field that may be missing.
    [[nodiscard]] bool has(std::string_view name) const { return record_.contains(name); }
    void fail(std::string_view name, std::string_view reason);

    // Whether all was as asked for, and nothing was left unread.
    [[nodiscard]] Result<void> end() const;

private:
    template <class T>
    [[nodiscard]] const T& get(std::string_view name);

    const Record& record_;
    std::size_t read_ = 0;
    std::optional<Error> failure_;
};

[[nodiscard]] List hex_list(const std::vector<Digest>& digests);
[[nodiscard]] List base64_list(const std::vector<Digest>& digests);

}  // namespace sallyport::evidence
