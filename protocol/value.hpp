// SPDX-License-Identifier: Apache-2.0
//
// A JSON value as Sallyport keeps it: what an event's body is made of and what the rules read.
//
// Objects keep the order of their fields. Numbers keep apart integers and fractions, so that a counter never turns
// into 1e+06 on its way through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport {

struct Value;
using List = std::vector<Value>;

// An ordered set of named values; names are unique where it came from read_json().
class Record {
public:
    using Field = std::pair<std::string, Value>;

    Record() = default;
    Record(std::initializer_list<Field> fields);

    // Adds the field or replaces its value.
    Record& set(std::string_view name, Value value);
    // Adds the field without looking for an older one: for readers that know it is new.
    void append(std::string name, Value value);
    [[nodiscard]] const Value* find(std::string_view name) const;
    [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }

    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] auto begin() const { return fields_.begin(); }
    [[nodiscard]] auto end() const { return fields_.end(); }

    bool operator==(const Record&) const;

private:
    std::vector<Field> fields_;
};

struct Value {
    using Variant = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Record>;

    Variant data = nullptr;

    Value() = default;
    Value(std::nullptr_t) {}                                       // NOLINT(google-explicit-constructor)
    Value(bool value) : data(value) {}                             // NOLINT(google-explicit-constructor)
    Value(int value) : data(std::int64_t{value}) {}                // NOLINT(google-explicit-constructor)
    Value(std::int64_t value) : data(value) {}                     // NOLINT(google-explicit-constructor)
    Value(std::uint64_t value) : data(static_cast<std::int64_t>(value)) {}  // NOLINT(google-explicit-constructor)
    Value(double value) : data(value) {}                           // NOLINT(google-explicit-constructor)
    Value(const char* value) : data(std::string(value)) {}         // NOLINT(google-explicit-constructor)
    Value(std::string_view value) : data(std::string(value)) {}    // NOLINT(google-explicit-constructor)
    Value(std::string value) : data(std::move(value)) {}           // NOLINT(google-explicit-constructor)
    Value(List value) : data(std::move(value)) {}                  // NOLINT(google-explicit-constructor)
    Value(Record value) : data(std::move(value)) {}                // NOLINT(google-explicit-constructor)

    template <class T>
    [[nodiscard]] const T* as() const {
        return std::get_if<T>(&data);
    }
    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(data); }

    bool operator==(const Value&) const = default;
};

inline bool Record::operator==(const Record& other) const { return fields_ == other.fields_; }

// Nothing where it is no number, or there is no such field.
[[nodiscard]] std::optional<double> number_of(const Value& value);
[[nodiscard]] std::optional<double> number_of(const Record& record, std::string_view name);

// Shortcuts for readers of validated records: the text, number or flag of that name, or the fallback.
[[nodiscard]] std::string_view text_of(const Record& record, std::string_view name, std::string_view fallback = {});
[[nodiscard]] std::int64_t integer_of(const Record& record, std::string_view name, std::int64_t fallback = 0);
[[nodiscard]] bool flag_of(const Record& record, std::string_view name, bool fallback = false);

}  // namespace sallyport
