// SPDX-License-Identifier: Apache-2.0
#include "protocol/value.hpp"

#include <algorithm>

namespace sallyport {

Record::Record(std::initializer_list<Field> fields) : fields_(fields) {}

Record& Record::set(std::string_view name, Value value) {
    auto at = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.first == name; });
    if (at != fields_.end()) {
        at->second = std::move(value);
    } else {
        fields_.emplace_back(std::string(name), std::move(value));
    }
    return *this;
}

void Record::append(std::string name, Value value) {
    // An event has some twenty fields: growing from one would move each of them five times.
    if (fields_.size() == fields_.capacity())
        fields_.reserve(std::max<std::size_t>(8, fields_.size() * 3));
    fields_.emplace_back(std::move(name), std::move(value));
}

const Value* Record::find(std::string_view name) const {
    auto at = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.first == name; });
    return at == fields_.end() ? nullptr : &at->second;
}

std::size_t Record::size() const { return fields_.size(); }

std::optional<double> number_of(const Value& value) {
    if (const auto* integer = value.as<std::int64_t>()) return static_cast<double>(*integer);
    const auto* number = value.as<double>();
    return number == nullptr ? std::nullopt : std::optional(*number);
}

std::optional<double> number_of(const Record& record, std::string_view name) {
    const Value* value = record.find(name);
    return value == nullptr ? std::nullopt : number_of(*value);
}

std::string_view text_of(const Record& record, std::string_view name, std::string_view fallback) {
    const Value* value = record.find(name);
    const std::string* text = value != nullptr ? value->as<std::string>() : nullptr;
    return text != nullptr ? std::string_view(*text) : fallback;
}

std::int64_t integer_of(const Record& record, std::string_view name, std::int64_t fallback) {
    const Value* value = record.find(name);
    const std::int64_t* number = value != nullptr ? value->as<std::int64_t>() : nullptr;
    return number != nullptr ? *number : fallback;
}

bool flag_of(const Record& record, std::string_view name, bool fallback) {
    const Value* value = record.find(name);
    const bool* flag = value != nullptr ? value->as<bool>() : nullptr;
    return flag != nullptr ? *flag : fallback;
}

}  // namespace sallyport
