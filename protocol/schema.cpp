// SPDX-License-Identifier: Apache-2.0
#include "protocol/schema.hpp"

#include <algorithm>

#include "protocol/bytes.hpp"
#include "protocol/envelope.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport {
namespace {

constexpr std::string_view kTokenPattern = "^[A-Za-z0-9._:/+@-]+$";

bool is_token(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_label(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

std::string_view check_text(const FieldSpec& field, std::string_view text) {
    const auto size = static_cast<std::int64_t>(text.size());
    switch (field.kind) {
        case FieldKind::hex:
            return size != field.max ? "wrong_length" : is_hex(text) ? "" : "not_hex";
        case FieldKind::choice:
            return std::find(field.choices.begin(), field.choices.end(), text) != field.choices.end()
                       ? ""
                       : "not_a_choice";
        case FieldKind::time: return text == "unknown" || parse_time(text) ? "" : "not_a_time";
        case FieldKind::token:
        case FieldKind::tokens:
            return size < 1 || (field.kind == FieldKind::token && size > field.max) || size > 128 ? "wrong_length"
                   : is_token(text)                                                              ? ""
                                                                                                 : "not_a_token";
        case FieldKind::label:
            return size < field.min || size > field.max ? "wrong_length" : is_label(text) ? "" : "not_printable";
        case FieldKind::base64:
            return size > field.max ? "wrong_length" : from_base64(text) ? "" : "not_base64";
        default: return "wrong_type";
    }
}

std::string_view check_number(const FieldSpec& field, double value) {
    return value >= static_cast<double>(field.min) && value <= static_cast<double>(field.max) ? "" : "out_of_range";
}

std::optional<SchemaFault> check_list(const FieldSpec& field, const List& list) {
    if (static_cast<std::int64_t>(list.size()) > field.max)
        return SchemaFault{std::string(field.name), "too_many"};
    for (const Value& item : list) {
        if (field.kind == FieldKind::records) {
            const Record* record = item.as<Record>();
            auto fault = record != nullptr ? check_fields(*record, field.fields)
                                           : SchemaFault{std::string(field.name), "wrong_type"};
            if (fault)
                return SchemaFault{std::string(field.name) + "." + fault->field, fault->reason};
        } else {
            const std::string* text = item.as<std::string>();
            const std::string_view reason = text != nullptr ? check_text(field, *text) : "wrong_type";
            if (!reason.empty())
                return SchemaFault{std::string(field.name), std::string(reason)};
        }
    }
    return std::nullopt;
}

std::string_view check_counts(const FieldSpec& field, const Record& counts) {
    if (static_cast<std::int64_t>(counts.size()) > field.max)
        return "too_many";
    for (const auto& [name, count] : counts) {
        const std::int64_t* number = count.as<std::int64_t>();
        if (name.size() > 64 || !is_token(name) || number == nullptr || *number < 0)
            return "wrong_type";
    }
    return "";
}

std::optional<SchemaFault> check_field(const FieldSpec& field, const Value& value) {
    std::string_view reason = "wrong_type";
    if (const auto* text = value.as<std::string>())
        reason = check_text(field, *text);
    else if (const auto* flag = value.as<bool>(); flag != nullptr && field.kind == FieldKind::flag)
        reason = "";
    else if (const auto* number = value.as<std::int64_t>();
             number != nullptr && field.kind == FieldKind::integer)
        reason = *number >= field.min && *number <= field.max ? "" : "out_of_range";
    else if (number != nullptr && field.kind == FieldKind::number)
        reason = check_number(field, static_cast<double>(*number));
    else if (const auto* fraction = value.as<double>(); fraction != nullptr && field.kind == FieldKind::number)
        reason = check_number(field, *fraction);
    else if (const auto* counts = value.as<Record>(); counts != nullptr && field.kind == FieldKind::counts)
        reason = check_counts(field, *counts);
    else if (const auto* list = value.as<List>();
             list != nullptr && (field.kind == FieldKind::tokens || field.kind == FieldKind::records))
        return check_list(field, *list);
    if (reason.empty())
        return std::nullopt;
    return SchemaFault{std::string(field.name), std::string(reason)};
}

// --- JSON Schema --------------------------------------------------------------------------------------------------

Record object_schema(std::span<const FieldSpec> fields);

Record field_schema(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::token:
            return {{"type", "string"}, {"pattern", std::string(kTokenPattern)}, {"minLength", 1}, {"maxLength", field.max}};
        case FieldKind::label: return {{"type", "string"}, {"minLength", field.min}, {"maxLength", field.max}};
        case FieldKind::hex:
            return {{"type", "string"}, {"pattern", "^[0-9a-f]{" + std::to_string(field.max) + "}$"}};
        case FieldKind::base64:
            return {{"type", "string"}, {"contentEncoding", "base64"}, {"maxLength", field.max}};
        case FieldKind::integer: {
            Record schema{{"type", "integer"}, {"minimum", field.min}};
            if (field.max != INT64_MAX)
                schema.set("maximum", field.max);
            return schema;
        }
        case FieldKind::number: return {{"type", "number"}, {"minimum", field.min}, {"maximum", field.max}};
        case FieldKind::flag: return {{"type", "boolean"}};
        case FieldKind::choice: {
            List choices;
            for (std::string_view choice : field.choices)
                choices.emplace_back(choice);
            return {{"enum", std::move(choices)}};
        }
        case FieldKind::time: return {{"type", "string"}, {"description", "RFC 3339 UTC, or `unknown`"}};
        case FieldKind::tokens:
            return {{"type", "array"},
                    {"maxItems", field.max},
                    {"items", Record{{"type", "string"}, {"pattern", std::string(kTokenPattern)}, {"maxLength", 128}}}};
        case FieldKind::counts:
            return {{"type", "object"},
                    {"maxProperties", field.max},
                    {"additionalProperties", Record{{"type", "integer"}, {"minimum", 0}}}};
        case FieldKind::records:
            return {{"type", "array"}, {"maxItems", field.max}, {"items", object_schema(field.fields)}};
    }
    return {};
}

Record object_schema(std::span<const FieldSpec> fields) {
    Record properties;
    List names;
    for (const FieldSpec& field : fields) {
        properties.set(field.name, field_schema(field));
        if (field.required)
            names.emplace_back(field.name);
    }
    return {{"type", "object"},
            {"additionalProperties", false},
            {"required", std::move(names)},
            {"properties", std::move(properties)}};
}

}  // namespace

bool is_token_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:/+@-").find(c) != std::string_view::npos;
}

std::optional<SchemaFault> check_fields(const Record& record, std::span<const FieldSpec> fields) {
    for (const auto& [name, value] : record) {
        const auto* field = std::find_if(fields.data(), fields.data() + fields.size(),
                                         [&name = name](const FieldSpec& spec) { return spec.name == name; });
        if (field == fields.data() + fields.size())
            return SchemaFault{is_token(name) ? name.substr(0, 64) : std::string("?"), "unknown_field"};
        if (auto fault = check_field(*field, value))
            return fault;
    }
    for (const FieldSpec& field : fields)
        if (field.required && !record.contains(field.name))
            return SchemaFault{std::string(field.name), "missing"};
    return std::nullopt;
}

std::string event_json_schema() {
    List kinds;
    for (const EventType& type : event_types()) {
        Record envelope = object_schema(envelope_fields());
        Record properties = *envelope.find("properties")->as<Record>();
        properties.set("type", Record{{"const", std::string(type.name)}});
        properties.set("body", object_schema(type.fields));
        envelope.set("properties", std::move(properties));
        envelope.set("title", std::string(type.name));
        kinds.emplace_back(std::move(envelope));
    }
    return write_json(Record{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                             {"title", "Sallyport event/1"},
                             {"oneOf", std::move(kinds)}});
}

}  // namespace sallyport
