// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/event_fields.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include "collector/registers/county_time.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::alerts {

namespace {

// The numbers of `1.2.10`; nothing for a version that is more than numbers.
std::optional<std::vector<std::uint64_t>> numbers_of(std::string_view version) {
    std::vector<std::uint64_t> numbers;
    while (true) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
        if (error != std::errc()) return std::nullopt;
        numbers.push_back(number);
        version.remove_prefix(static_cast<std::size_t>(end - version.data()));
        if (version.empty()) return numbers;
        if (version.front() != '.') return std::nullopt;
        version.remove_prefix(1);
    }
}

// Rule FWB-05: vendors' orders beyond plain numbers are not guessed at.
std::optional<bool> is_downgraded(const Record& body) {
    const auto now = numbers_of(text_of(body, "version")), before = numbers_of(text_of(body, "previous_version"));
    if (!now || !before) return std::nullopt;
    return *now < *before;
}

// What a machine says of itself with every line. In the collector's lines about a terminal that is the collector's own:
// its clock says nothing of the terminal's, and its number is not the one that the line tells of.
void append_sender(const Event& event, Record& fields) {
    fields.append("agent_instance", event.agent_instance);
    fields.append("boot_id", event.boot_id);
    fields.append("seq", event.seq);
    fields.append("mono_ms", event.monotonic.count());
    fields.append("clock", to_string(event.clock));
    fields.append("config_sha256", event.config_sha256);
}

}  // namespace

std::string terminal_of(const Event& event) {
    const EventType* type = find_event_type(event.type);
    const bool own = type != nullptr && type->origin == Origin::collector;
    return own ? std::string(text_of(event.body, "terminal")) : event.terminal_id;
}

// An instance is a random number made with its spool: its first half tells streams apart.
std::uint64_t origin_of(const Event& event) {
    std::uint64_t origin = 0;
    const std::string_view half = std::string_view(event.agent_instance).substr(0, 16);
    std::from_chars(half.data(), half.data() + half.size(), origin, 16);
    return origin;
}

Record event_fields(const Event& event, WallTime received_at) {
    Record fields;
    fields.append("schema", kEventSchema);
    fields.append("event_id", event.event_id);
    const std::string terminal = terminal_of(event);
    if (!terminal.empty()) fields.append("terminal_id", terminal);
    if (terminal == event.terminal_id) append_sender(event, fields);
    fields.append("type", event.type);
    fields.append("occurred_at", event.occurred_at ? format_time(*event.occurred_at) : "unknown");
    fields.append("observed_at", format_time(event.observed_at));
    if (event.session_id) fields.append("session_id", *event.session_id);
    if (event.operator_account) fields.append("operator_account", *event.operator_account);
    fields.append("outcome", to_string(event.outcome));
    for (const auto& [name, value] : event.body)
        fields.append(name, value);
    fields.append("event.lag_s", std::chrono::floor<std::chrono::seconds>(received_at - event_time(event)).count());
    if (const auto downgraded = event.type == "device.firmware" ? is_downgraded(event.body) : std::nullopt)
        fields.append("firmware.downgraded", *downgraded);
    if (event.type == "print.job")
        fields.append("print.day", registers::format_date(registers::county_day(event_time(event))));
    return fields;
}

rules::Logsource logsource_of(std::string_view type) {
    const auto dot = type.find('.');
    rules::Logsource logsource;
    logsource.product = "sallyport";
    logsource.category = {std::string(type.substr(0, dot))};
    if (dot != std::string_view::npos) logsource.service = {std::string(type.substr(dot + 1))};
    return logsource;
}

}  // namespace sallyport::alerts
