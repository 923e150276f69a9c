// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/cell.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "collector/registers/calendar.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/topics.hpp"

namespace sallyport::registers {
namespace {

constexpr std::size_t kSetMax = 1000;

Error bad(std::string message) { return Error(Errc::bad_input, std::move(message)); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_token(char c) {
    return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z') || std::string_view("._:/+@-").find(c) != std::string_view::npos;
}

template <class Is>
bool all(std::string_view text, Is is) {
    return std::all_of(text.begin(), text.end(), is);
}

// Well-formed UTF-8 (RFC 3629), no control characters.
bool is_printable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (length == 0 || at + length > text.size() || lead < 0x20 || lead == 0x7F)
            return false;
        for (std::size_t i = 1; i < length; ++i)
            if ((static_cast<unsigned char>(text[at + i]) & 0xC0) != 0x80)
                return false;
        const auto second = length > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
            (lead == 0xF4 && second > 0x8F) || (lead == 0xC2 && second < 0xA0))
            return false;
        at += length;
    }
    return true;
}

bool in_bounds(std::size_t size, const Column& column) {
    return static_cast<std::int64_t>(size) >= column.min && static_cast<std::int64_t>(size) <= column.max;
}

std::string bounds(const Column& column) { return std::to_string(column.min) + " to " + std::to_string(column.max); }

bool is_number_upto(std::string_view text, int max) {
    int number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && all(text, is_digit) && error == std::errc() && end == text.data() + text.size() && number <= max;
}

bool is_ipv4(std::string_view address) {
    int parts = 0;
    for (;; ++parts) {
        const auto dot = address.find('.');
        if (!is_number_upto(address.substr(0, dot), 255))
            return false;
        if (dot == std::string_view::npos)
            return parts == 3;
        address.remove_prefix(dot + 1);
    }
}

bool is_ipv6(std::string_view address) {
    const auto colons = std::count(address.begin(), address.end(), ':');
    return colons >= 2 && colons <= 7 && all(address, [](char c) { return is_hex(c) || c == ':'; }) &&
           (colons == 7 || address.find("::") != std::string_view::npos);
}

bool is_subnet(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return false;
    const auto address = text.substr(0, slash), prefix = text.substr(slash + 1);
    return (is_ipv4(address) && is_number_upto(prefix, 32)) || (is_ipv6(address) && is_number_upto(prefix, 128));
}

bool is_card(std::string_view text) {
    constexpr std::string_view kTypes[] = {"wired", "wifi", "cellular", "virtual", "other"};
    if (text.size() < 19 || text[17] != '/' || std::find(std::begin(kTypes), std::end(kTypes), text.substr(18)) == std::end(kTypes))
        return false;
    for (std::size_t i = 0; i < 17; ++i)
        if (i % 3 == 2 ? text[i] != ':' : !is_hex(text[i]))
            return false;
    return true;
}

// vid:pid or vid:pid:serial_hash; anything else that is a token is taken for the id of a medium.
bool is_device(std::string_view text) {
    if (text.find(':') == std::string_view::npos)
        return text.size() <= 64 && all(text, is_token);
    return (text.size() == 9 || (text.size() == 74 && text[9] == ':' && all(text.substr(10), is_hex))) &&
           text[4] == ':' && all(text.substr(0, 4), is_hex) && all(text.substr(5, 4), is_hex);
}

Result<Value> read_integer(const Column& column, std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < column.min || number > column.max)
        return bad("must be a whole number from " + bounds(column));
    return Value(number);
}

Result<Value> read_choice(const Column& column, std::string_view text) {
    if (std::find(column.choices.begin(), column.choices.end(), text) != column.choices.end())
        return Value(text);
    std::string list;
    for (const auto choice : column.choices)
        list += (list.empty() ? "" : ", ") + std::string(choice);
    return bad("must be one of " + list);
}

// 2026-11-23, or as the county writes it: month, day and the whole year, 11/23/2026 or 1/5/2026. No other order of day
// and month is taken, and no year of two digits, so that a date has one reading.
std::optional<Date> read_date(std::string_view text) {
    if (const auto date = parse_date(text))
        return *date;
    const auto first = text.find('/'), second = text.find('/', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos || first > 2 || second - first > 3 ||
        text.size() - second != 5)
        return std::nullopt;
    const auto month = text.substr(0, first), day = text.substr(first + 1, second - first - 1);
    const auto two = [](std::string_view digits) { return std::string(2 - digits.size(), '0') + std::string(digits); };
    if (month.empty() || day.empty())
        return std::nullopt;
    const auto date = parse_date(std::string(text.substr(second + 1)) + "-" + two(month) + "-" + two(day));
    return date ? std::optional(*date) : std::nullopt;
}

// 10:04, 17:30, or 5:30 PM: minutes of the day.
std::optional<int> read_clock(std::string_view text) {
    const bool morning = text.ends_with(" AM"), evening = text.ends_with(" PM");
    if (morning || evening)
        text.remove_suffix(3);
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon > 2 || text.size() - colon != 3)
        return std::nullopt;
    const auto hour = text.substr(0, colon), minute = text.substr(colon + 1);
    if (!is_number_upto(hour, morning || evening ? 12 : 23) || !is_number_upto(minute, 59))
        return std::nullopt;
    const auto number = [](std::string_view digits) {
        int value = 0;
        for (const char digit : digits)
            value = value * 10 + digit - '0';
        return value;
    };
    int hours = number(hour);
    if (morning || evening) {
        if (hours == 0)
            return std::nullopt;
        hours = hours % 12 + (evening ? 12 : 0);
    }
    return hours * 60 + number(minute);
}

Result<Value> read_time(std::string_view text) {
    if (const auto utc = parse_time(text))
        return Value(format_time(*utc));
    const auto space = text.find(' ');
    const auto date = space == std::string_view::npos ? std::nullopt : read_date(text.substr(0, space));
    const auto minutes = date ? read_clock(text.substr(space + 1)) : std::nullopt;
    if (!minutes)
        return bad("must be a time such as 2026-11-23T18:04:05.12Z, or 2026-11-23 10:04 or 11/23/2026 10:04 AM by the "
                   "county's clock");
    const auto time = from_county_time(std::chrono::local_days(*date) + std::chrono::minutes(*minutes));
    if (!time)
        return bad(time.error().message());
    return Value(format_time(*time));
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

// USB-01
bool is_rule(std::string_view text) {
    return text.size() == 6 && all(text.substr(0, 3), is_upper) && text[3] == '-' && all(text.substr(4), is_digit);
}

bool is_digest(std::string_view text) { return text.size() == 64 && all(text, is_hex); }

// component/version or component/version/digest; the version is as its maker writes it, without a slash.
bool is_firmware(std::string_view text) {
    const auto first = text.find('/'), second = text.find('/', first + 1);
    if (first == std::string_view::npos || first == 0 || first > 64 || !all(text.substr(0, first), is_token))
        return false;
    const auto version = text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
    return !version.empty() && version.size() <= 64 && is_printable(version) &&
           (second == std::string_view::npos || is_digest(text.substr(second + 1)));
}

bool is_release(std::string_view text) {
    const auto slash = text.find('/');
    const auto version = text.substr(0, slash);
    return !version.empty() && version.size() <= 64 && all(version, is_token) &&
           (slash == std::string_view::npos || is_digest(text.substr(slash + 1)));
}

bool is_sensor_state(std::string_view text) {
    const auto slash = text.find('/');
    return slash != std::string_view::npos &&
           slash > 0 && slash <= 32 && all(text.substr(0, slash), is_token) &&
           is_one_of(text.substr(slash + 1), {"degraded", "off", "absent"});
}

// Nothing to say when the item is good.
std::string_view fault_of_item(const Column& column, std::string_view item) {
    switch (column.kind) {
        case CellKind::ids: return all(item, is_token) && in_bounds(item.size(), column) ? "" : "is no id";
        case CellKind::texts: return is_printable(item) && in_bounds(item.size(), column) ? "" : "is no printable text";
        case CellKind::codes: return all(item, is_hex) && in_bounds(item.size(), column) ? "" : "is no digest in hex";
        case CellKind::dates: return read_date(item) ? "" : "is no date such as 2026-11-23 or 11/23/2026";
        case CellKind::oris: return is_ori(item) ? "" : "is no ORI of nine upper-case letters or digits";
        case CellKind::firmware: return is_firmware(item) ? "" : "is no firmware such as bios/1.2.3";
        case CellKind::releases: return is_release(item) ? "" : "is no version such as 1.2.3 or 1.2.3/<sha256>";
        case CellKind::sensors: return is_sensor_state(item) ? "" : "is no sensor's state such as camera/off";
        case CellKind::subnets: return is_subnet(item) ? "" : "is no network such as 10.1.2.0/24";
        case CellKind::cards: return is_card(item) ? "" : "is no card such as 00:11:22:33:44:55/wired";
        case CellKind::devices: return is_device(item) ? "" : "is no device such as 046d:c31c and no id of a medium";
        default: return "is no item of a set";
    }
}

Result<Value> read_set(const Column& column, std::string_view text) {
    if (std::find(column.choices.begin(), column.choices.end(), text) != column.choices.end())
        return Value(List{Value(text)});
    List items;
    for (std::string_view rest = text;;) {
        const auto end = rest.find(';');
        std::string_view item = rest.substr(0, end);
        while (item.starts_with(' '))
            item.remove_prefix(1);
        while (item.ends_with(' '))
            item.remove_suffix(1);
        if (item.empty())
            return bad("has an empty item");
        if (std::find(column.choices.begin(), column.choices.end(), item) != column.choices.end())
            return bad("'" + std::string(item) + "' stands alone or not at all");
        if (const auto fault = fault_of_item(column, item); !fault.empty())
            return bad("'" + std::string(item) + "' " + std::string(fault));
        const std::string day = column.kind == CellKind::dates ? format_date(*read_date(item)) : std::string();
        if (!day.empty())
            item = day;
        if (std::find(items.begin(), items.end(), Value(item)) != items.end())
            return bad("names '" + std::string(item) + "' twice");
        if (items.size() == kSetMax)
            return bad("has more than " + std::to_string(kSetMax) + " items");
        items.emplace_back(item);
        if (end == std::string_view::npos)
            return Value(std::move(items));
        rest.remove_prefix(end + 1);
    }
}

Result<Value> checked_text(bool good, std::string_view text, std::string otherwise) {
    if (!good)
        return bad(std::move(otherwise));
    return Value(text);
}

}  // namespace

Result<Value> read_cell(const Column& column, std::string_view text) {
    if (text.starts_with(' ') || text.ends_with(' '))
        return bad("begins or ends with a blank");
    const bool fits = in_bounds(text.size(), column);
    switch (column.kind) {
        case CellKind::id:
            return checked_text(fits && all(text, is_token), text,
                                "must be " + bounds(column) + " letters, digits or ._:/+@-");
        case CellKind::text:
            return checked_text(fits && is_printable(text), text, "must be printable UTF-8 of " + bounds(column) + " bytes");
        case CellKind::code:
            return checked_text(fits && all(text, [](char c) { return is_upper(c) || is_digit(c); }), text,
                                "must be " + bounds(column) + " upper-case letters or digits");
        case CellKind::ori: return checked_text(is_ori(text), text, "must be nine upper-case letters or digits");
        case CellKind::choice: return read_choice(column, text);
        case CellKind::flag:
            if (text != "true" && text != "false")
                return bad("must be true or false");
            return Value(text == "true");
        case CellKind::integer: return read_integer(column, text);
        case CellKind::date: {
            const auto date = read_date(text);
            return checked_text(date.has_value(), date ? format_date(*date) : std::string(),
                                "must be a date such as 2026-11-23 or 11/23/2026");
        }
        case CellKind::rule:
            return checked_text(is_rule(text), text, "must be an id of the rule catalogue such as USB-01");
        case CellKind::time: return read_time(text);
        case CellKind::hex:
            return checked_text(fits && all(text, is_hex), text,
                                "must be " + std::to_string(column.max) + " lower-case hex digits");
        case CellKind::calendar: {
            const auto calendar = Calendar::parse(text);
            return checked_text(calendar.ok() || names_calendar(text), text, calendar ? "" : calendar.error().message());
        }
        default: return read_set(column, text);
    }
}

std::string write_cell(const Value& value) {
    if (const auto* text = value.as<std::string>())
        return *text;
    if (const auto* flag = value.as<bool>())
        return *flag ? "true" : "false";
    if (const auto* number = value.as<std::int64_t>())
        return std::to_string(*number);
    std::string joined;
    if (const auto* list = value.as<List>())
        for (const Value& item : *list)
            joined += (joined.empty() ? "" : ";") + write_cell(item);
    return joined;
}

}  // namespace sallyport::registers
