// SPDX-License-Identifier: Apache-2.0
//
// The event types of the data dictionary (section 9) as one table. Codec, validator, JSON Schema and the rule checker
// all read this table; a field that is not in it cannot be sent, stored or named in a rule.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport {

enum class FieldKind {
    token,    // letters, digits and ._:/+@- only, 1..max characters: ids, versions, reasons
    label,    // printable text without control characters, 1..max bytes: makers' names, builds
    hex,      // exactly max lower-case hex digits
    base64,   // canonical base64, at most max characters
    integer,  // min..max
    number,   // min..max, may have a fraction
    flag,     // true or false
    choice,   // one of choices
    time,     // RFC 3339 UTC, or the word `unknown`
    tokens,   // list of at most max tokens
    counts,   // object: token -> integer >= 0, at most max entries
    records,  // list of at most max objects with the given fields
};

struct FieldSpec {
    std::string_view name;
    FieldKind kind;
    bool required = false;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::span<const std::string_view> choices = {};
    std::span<const FieldSpec> fields = {};
};

// Who may send it: a terminal over MQTT, or the collector about what it saw itself.
enum class Origin { terminal, collector };

// What goes first from a full spool. Identity and tamper events are the last to be evicted.
enum class Priority : std::uint8_t { sample, normal, vital };

struct EventType {
    std::string_view name;  // e.g. `usb.attach`; the part before the dot is the rules' logsource category
    Origin origin;
    Priority priority;
    std::span<const FieldSpec> fields;
};

[[nodiscard]] std::span<const EventType> event_types();
// nullptr when there is no such type.
[[nodiscard]] const EventType* find_event_type(std::string_view name);

}  // namespace sallyport
