// SPDX-License-Identifier: Apache-2.0
#include "protocol/envelope.hpp"

#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport {
namespace {

constexpr std::string_view kClockStates[] = {"synced", "unsynced", "stepped"};
constexpr std::string_view kOutcomes[] = {"success", "failure", "blocked", "detected"};

// `body` is checked against its own table; here it only has to be there.
constexpr FieldSpec kEnvelope[] = {
    {"schema", FieldKind::token, true, 1, 16, {}, {}},
    {"event_id", FieldKind::token, true, 1, 36, {}, {}},
    {"terminal_id", FieldKind::token, true, 1, 64, {}, {}},
    {"agent_instance", FieldKind::hex, true, 32, 32, {}, {}},
    {"boot_id", FieldKind::hex, true, 32, 32, {}, {}},
    {"seq", FieldKind::integer, true, 1, INT64_MAX, {}, {}},
    {"type", FieldKind::token, true, 1, 32, {}, {}},
    {"occurred_at", FieldKind::time, true, 0, 0, {}, {}},
    {"observed_at", FieldKind::time, true, 0, 0, {}, {}},
    {"mono_ms", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"clock", FieldKind::choice, true, 0, 0, kClockStates, {}},
    {"session_id", FieldKind::token, false, 1, 64, {}, {}},
    {"operator_account", FieldKind::label, false, 1, 128, {}, {}},
    {"outcome", FieldKind::choice, true, 0, 0, kOutcomes, {}},
    {"config_sha256", FieldKind::hex, true, 64, 64, {}, {}},
    {"nonce", FieldKind::hex, true, 32, 32, {}, {}},
    {"drill", FieldKind::hex, false, 32, 32, {}, {}},
    {"body", FieldKind::records, true, 0, 1, {}, {}},
};

template <std::size_t N>
std::size_t index_of(const std::string_view (&choices)[N], std::string_view text) {
    std::size_t index = 0;
    while (index + 1 < N && choices[index] != text)
        ++index;
    return index;
}

std::optional<SchemaFault> check_envelope(const Record& line, const EventType*& type) {
    Record envelope;
    for (const auto& [name, value] : line)
        envelope.append(name, name == "body" ? Value(List{}) : value);
    if (auto fault = check_fields(envelope, kEnvelope))
        return fault;
    if (text_of(line, "schema") != kEventSchema)
        return SchemaFault{"schema", "unknown_version"};
    if (!is_terminal_id(text_of(line, "terminal_id")))
        return SchemaFault{"terminal_id", "not_an_id"};
    type = find_event_type(text_of(line, "type"));
    if (type == nullptr)
        return SchemaFault{"type", "unknown_type"};
    const Record* body = line.find("body")->as<Record>();
    if (body == nullptr)
        return SchemaFault{"body", "wrong_type"};
    auto fault = check_fields(*body, type->fields);
    if (fault)
        fault->field = "body." + fault->field;
    return fault;
}

EventRefusal refusal(const SchemaFault& fault) {
    return {Error(Errc::bad_input, "event: field '" + fault.field + "': " + fault.reason), fault};
}

Record to_record(const Event& event) {
    Record line{{"schema", kEventSchema},
                {"event_id", event.event_id},
                {"terminal_id", event.terminal_id},
                {"agent_instance", event.agent_instance},
                {"boot_id", event.boot_id},
                {"seq", event.seq},
                {"type", event.type},
                {"occurred_at", event.occurred_at ? format_time(*event.occurred_at) : std::string("unknown")},
                {"observed_at", format_time(event.observed_at)},
                {"mono_ms", static_cast<std::uint64_t>(event.monotonic.count())},
                {"clock", to_string(event.clock)}};
    if (event.session_id)
        line.append("session_id", *event.session_id);
    if (event.operator_account)
        line.append("operator_account", *event.operator_account);
    line.append("outcome", to_string(event.outcome));
    line.append("config_sha256", event.config_sha256);
    line.append("nonce", event.nonce);
    if (event.drill)
        line.append("drill", *event.drill);
    line.append("body", event.body);
    return line;
}

}  // namespace

std::span<const FieldSpec> envelope_fields() { return kEnvelope; }

Result<std::string> encode_event(const Event& event) {
    const Record line = to_record(event);
    const EventType* type = nullptr;
    if (auto fault = check_envelope(line, type))
        return refusal(*fault).error;
    std::string text = write_json(line);
    if (text.size() > kEventLineBytesMax)
        return Error(Errc::exhausted, "event: " + event.type + ": line of " + std::to_string(text.size()) + " bytes");
    return text;
}

std::variant<Event, EventRefusal> decode_event(std::string_view text) {
    auto parsed = read_json_record(text, JsonLimits{.bytes_max = kEventLineBytesMax});
    if (!parsed)
        return EventRefusal{parsed.error().within("event"), std::nullopt};
    Record& line = *parsed;
    const EventType* type = nullptr;
    if (auto fault = check_envelope(line, type))
        return refusal(*fault);
    auto observed_at = parse_time(text_of(line, "observed_at"));
    if (!observed_at)
        return refusal({"observed_at", "not_a_time"});

    Event event;
    event.event_id = text_of(line, "event_id");
    event.terminal_id = text_of(line, "terminal_id");
    event.agent_instance = text_of(line, "agent_instance");
    event.boot_id = text_of(line, "boot_id");
    event.seq = static_cast<std::uint64_t>(integer_of(line, "seq"));
    event.type = type->name;
    if (auto occurred_at = parse_time(text_of(line, "occurred_at")))
        event.occurred_at = *occurred_at;
    event.observed_at = *observed_at;
    event.monotonic = MonotonicTime(static_cast<std::uint64_t>(integer_of(line, "mono_ms")));
    event.clock = static_cast<ClockState>(index_of(kClockStates, text_of(line, "clock")));
    if (line.contains("session_id"))
        event.session_id = text_of(line, "session_id");
    if (line.contains("operator_account"))
        event.operator_account = text_of(line, "operator_account");
    event.outcome = static_cast<EventOutcome>(index_of(kOutcomes, text_of(line, "outcome")));
    event.config_sha256 = text_of(line, "config_sha256");
    event.nonce = text_of(line, "nonce");
    if (line.contains("drill"))
        event.drill = text_of(line, "drill");
    event.body = *line.find("body")->as<Record>();
    return event;
}

std::string_view to_string(ClockState state) { return kClockStates[static_cast<std::size_t>(state)]; }
std::string_view to_string(EventOutcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }

std::string make_event_id(WallTime now) {
    Bytes bytes = random_bytes(16);
    const auto milliseconds = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i)
        bytes[i] = static_cast<std::uint8_t>(milliseconds >> (40 - 8 * i));
    bytes[6] = static_cast<std::uint8_t>(0x70 | (bytes[6] & 0x0f));
    bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
    std::string text = to_hex(bytes);
    for (std::size_t at : {20U, 16U, 12U, 8U})
        text.insert(at, 1, '-');
    return text;
}

bool is_terminal_id(std::string_view text) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (text.empty() || text.size() > 64 || !alphanumeric(text.front()))
        return false;
    for (char c : text)
        if (!alphanumeric(c) && c != '.' && c != '_' && c != '-')
            return false;
    return true;
}

}  // namespace sallyport
