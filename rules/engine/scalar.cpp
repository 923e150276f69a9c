// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/scalar.hpp"

#include <charconv>

namespace sallyport::rules {
namespace {

// Calls `use` with every value the name leads to.
template <class Use>
void each_value(const Record& record, std::string_view name, const Use& use) {
    if (const Value* value = record.find(name)) {
        use(*value);
        return;
    }
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        const Value* outer = record.find(name.substr(0, dot));
        if (outer == nullptr) continue;
        const std::string_view rest = name.substr(dot + 1);
        if (const auto* inner = outer->as<Record>()) each_value(*inner, rest, use);
        if (const auto* list = outer->as<List>())
            for (const Value& item : *list)
                if (const auto* inner = item.as<Record>()) each_value(*inner, rest, use);
        return;
    }
}

const Value* first_scalar(const Value& value) {
    const auto* list = value.as<List>();
    if (list == nullptr) return &value;
    return list->empty() ? nullptr : first_scalar(list->front());
}

}  // namespace

std::optional<std::string> text_of_scalar(const Value& value) {
    if (const auto* text = value.as<std::string>()) return *text;
    if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
    if (const auto* integer = value.as<std::int64_t>()) return std::to_string(*integer);
    if (const auto* number = value.as<double>()) return text_of_number(*number);
    return std::nullopt;
}

std::string text_of_number(double number) {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return error == std::errc{} ? std::string(buffer, end) : std::string();
}

std::optional<double> number_of_text(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<double> number_of_scalar(const Value& value) {
    if (const auto* text = value.as<std::string>()) return number_of_text(*text);
    return number_of(value);
}

std::string field_text(const Record& record, std::string_view field) {
    std::optional<std::string> text;
    each_value(record, field, [&](const Value& value) {
        if (const Value* scalar = first_scalar(value); scalar != nullptr && !text)
            text = text_of_scalar(*scalar);
    });
    return text.value_or("");
}

std::optional<double> field_number(const Record& record, std::string_view field) {
    std::optional<double> number;
    each_value(record, field, [&](const Value& value) {
        if (const Value* scalar = first_scalar(value); scalar != nullptr && !number)
            number = number_of_scalar(*scalar);
    });
    return number;
}

}  // namespace sallyport::rules
