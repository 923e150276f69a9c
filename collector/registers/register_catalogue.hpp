// SPDX-License-Identifier: Apache-2.0
//
// The registers of the data dictionary (sections 3 to 7, decisions 24 and 25) as one table: which columns there are, of
// which kind, and within which bounds. Import, export, API and documentation read this table; a column that is not in
// it is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport::registers {

enum class CellKind {
    id,        // token of the protocol's ids, min..max characters
    text,      // printable text, min..max bytes
    code,      // upper-case letters and digits, min..max characters
    ori,       // nine upper-case letters and digits
    choice,    // one of choices
    flag,      // true or false
    integer,   // min..max
    date,      // 2026-11-23, the county's calendar
    time,      // 2026-11-23T18:04:05.12Z, or the county's clock as 2026-11-23 10:04; kept as UTC
    hex,       // exactly max lower-case hex digits
    calendar,  // see calendar.hpp, or the id of an entry of the register calendars
    rule,      // USB-01: an id of the rule catalogue
    // Sets, separated by `;`; a word in choices stands for the whole set:
    ids,       // of entries
    texts,     // printable
    codes,     // hex of exactly max digits
    dates,     // of the county's calendar
    oris,      // of agencies
    subnets,   // CIDR
    cards,     // 00:11:22:33:44:55/wired: a built-in network card
    devices,   // 046d:c31c, 046d:c31c:<serial_hash>, or the id of a medium
    firmware,  // bios/1.2.3 or bios/1.2.3/<digest>: component, version, digest
    releases,  // 1.2.3 or 1.2.3/<sha256>: a version of the agent, and its program's digest
    sensors,   // camera/off: a state in which that sensor is accepted
};

struct Column {
    std::string_view name;
    CellKind kind = CellKind::text;
    bool required = false;
    std::int64_t min = 1;
    std::int64_t max = 128;
    std::span<const std::string_view> choices = {};  // of a reference or a set: words that name no entry and no item
    std::string_view refers_to = {};                 // the register in which the id must exist
    std::string_view fallback = {};   // what an empty cell means
};

struct Register {
    std::string_view name;
    std::string_view change_event;    // what a change is called in the audit log
    std::span<const Column> columns;  // the first one is the id
    bool written_by_enrolment = false;  // a view of the enrolled keys: nothing to import

    [[nodiscard]] const Column& id_column() const { return columns.front(); }
    [[nodiscard]] const Column* find(std::string_view column) const;
};

[[nodiscard]] std::span<const Register> all_registers();
// nullptr when there is no such register.
[[nodiscard]] const Register* find_register(std::string_view name);

}  // namespace sallyport::registers
