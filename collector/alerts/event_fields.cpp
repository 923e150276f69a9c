// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/event_fields.hpp"

#include <charconv>

#include "protocol/timestamp.hpp"

namespace sallyport::alerts {

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

Record event_fields(const Event& event) {
    Record fields;
    fields.append("schema", kEventSchema);
    fields.append("event_id", event.event_id);
    if (auto terminal = terminal_of(event); !terminal.empty())
        fields.append("terminal_id", std::move(terminal));
    fields.append("agent_instance", event.agent_instance);
    fields.append("boot_id", event.boot_id);
    fields.append("seq", event.seq);
    fields.append("type", event.type);
    fields.append("occurred_at", event.occurred_at ? format_time(*event.occurred_at) : "unknown");
    fields.append("observed_at", format_time(event.observed_at));
    fields.append("mono_ms", event.monotonic.count());
    fields.append("clock", to_string(event.clock));
    if (event.session_id) fields.append("session_id", *event.session_id);
    if (event.operator_account) fields.append("operator_account", *event.operator_account);
    fields.append("outcome", to_string(event.outcome));
    fields.append("config_sha256", event.config_sha256);
    for (const auto& [name, value] : event.body)
        fields.append(name, value);
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
