// SPDX-License-Identifier: Apache-2.0
#include "protocol/status.hpp"

#include <algorithm>

#include "protocol/json.hpp"
#include "protocol/schema.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport {
namespace {

constexpr std::string_view kKinds[] = {"birth", "heartbeat", "will"};
constexpr std::string_view kStates[] = {"ok", "degraded", "off", "absent"};

constexpr FieldSpec kSensorFields[] = {
    {"name", FieldKind::token, true, 1, 32, {}, {}},
    {"state", FieldKind::choice, true, 0, 0, kStates, {}},
    {"reason", FieldKind::token, false, 1, 96, {}, {}},
};

constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"kind", FieldKind::choice, true, 0, 0, kKinds, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"instance", FieldKind::hex, true, 32, 32, {}, {}},
    {"boot_id", FieldKind::hex, true, 32, 32, {}, {}},
    {"seq", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"head", FieldKind::hex, true, 64, 64, {}, {}},
    {"at", FieldKind::time, true, 0, 0, {}, {}},
    {"uptime_s", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"queue_depth", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"queue_dropped", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"heartbeat_s", FieldKind::integer, true, 1, 3600, {}, {}},
    {"agent_version", FieldKind::token, true, 1, 64, {}, {}},
    {"sensors", FieldKind::records, true, 0, 48, {}, kSensorFields},
    {"key", FieldKind::base64, true, 4, 256, {}, {}},
    {"key_cert", FieldKind::base64, true, 4, 128, {}, {}},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

constexpr JsonLimits kLimits{.bytes_max = 8192, .depth_max = 3, .fields_max = 512};

Record to_record(const StatusMessage& status) {
    List sensors;
    for (const auto& [name, state] : status.sensors) {
        Record sensor{{"name", name}, {"state", to_string(state)}};
        if (auto reason = status.reasons.find(name); reason != status.reasons.end() && !reason->second.empty())
            sensor.set("reason", reason->second);
        sensors.emplace_back(std::move(sensor));
    }
    return {{"v", 1},
            {"kind", to_string(status.kind)},
            {"terminal", status.terminal},
            {"instance", status.instance},
            {"boot_id", status.boot_id},
            {"seq", status.seq},
            {"head", to_hex(status.head)},
            {"at", format_time(status.at)},
            {"uptime_s", status.uptime_s},
            {"queue_depth", status.queue_depth},
            {"queue_dropped", status.queue_dropped},
            {"heartbeat_s", status.heartbeat_s},
            {"agent_version", status.agent_version},
            {"sensors", std::move(sensors)}};
}

// The unsigned part, re-written canonically by the writer on both sides, under its own tag.
Bytes signed_claim(const StatusMessage& status) {
    Bytes claim;
    append_framed(claim, "sallyport/1/status");
    append_framed(claim, write_json(to_record(status)));
    return claim;
}

std::uint64_t count_of(const Record& record, std::string_view name) {
    return static_cast<std::uint64_t>(integer_of(record, name));
}

Result<Record> parse(std::string_view message) {
    auto record = read_json_record(message, kLimits);
    if (!record)
        return record.error().within("status");
    if (auto fault = check_fields(*record, kFields))
        return Error(Errc::bad_input, "status: field '" + fault->field + "': " + fault->reason);
    return record;
}

Result<StatusMessage> from_record(const Record& record) {
    StatusMessage status;
    status.kind = static_cast<StatusKind>(
        std::find(std::begin(kKinds), std::end(kKinds), text_of(record, "kind")) - std::begin(kKinds));
    status.terminal = text_of(record, "terminal");
    status.instance = text_of(record, "instance");
    status.boot_id = text_of(record, "boot_id");
    status.seq = count_of(record, "seq");
    status.head = *digest_from_hex(text_of(record, "head"));
    auto at = parse_time(text_of(record, "at"));
    if (!at)
        return at.error().within("status: field 'at'");
    status.at = *at;
    status.uptime_s = count_of(record, "uptime_s");
    status.queue_depth = count_of(record, "queue_depth");
    status.queue_dropped = count_of(record, "queue_dropped");
    status.heartbeat_s = count_of(record, "heartbeat_s");
    status.agent_version = text_of(record, "agent_version");
    for (const Value& item : *record.find("sensors")->as<List>()) {
        const Record& sensor = *item.as<Record>();
        const std::string name(text_of(sensor, "name"));
        status.sensors[name] = *parse_sensor_state(text_of(sensor, "state"));
        if (sensor.contains("reason"))
            status.reasons[name] = text_of(sensor, "reason");
    }
    return status;
}

}  // namespace

std::string_view to_string(StatusKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::string_view to_string(SensorState state) { return kStates[static_cast<std::size_t>(state)]; }

Result<SensorState> parse_sensor_state(std::string_view text) {
    const auto* at = std::find(std::begin(kStates), std::end(kStates), text);
    if (at == std::end(kStates))
        return Error(Errc::bad_input, "sensor state: '" + std::string(text) + "'");
    return static_cast<SensorState>(at - std::begin(kStates));
}

Result<std::string> encode_status(const StatusMessage& status, const SigningKey& batch_key,
                                  const BatchKeyCertificate& certificate) {
    auto signature = batch_key.sign(signed_claim(status));
    if (!signature)
        return signature.error().within("status");
    Record record = to_record(status);
    record.append("key", certificate.key);
    record.append("key_cert", certificate.signature);
    record.append("sig", to_base64(*signature));
    if (auto fault = check_fields(record, kFields))
        return Error(Errc::internal, "status: field '" + fault->field + "': " + fault->reason);
    return write_json(record);
}

Result<StatusMessage> decode_status(std::string_view message, const PublicKey& enrolled) {
    auto record = parse(message);
    if (!record)
        return record.error();
    auto status = from_record(*record);
    if (!status)
        return status.error();
    const BatchKeyCertificate certificate{std::string(text_of(*record, "key")), std::string(text_of(*record, "key_cert"))};
    auto key = certificate.check(enrolled, status->terminal, status->instance);
    if (!key)
        return key.error().within("status");
    if (!key->verify(signed_claim(*status), *from_base64(text_of(*record, "sig"))))
        return Error(Errc::refused, "status: signature does not fit");
    return status;
}

Result<std::string> claimed_terminal(std::string_view message) {
    auto record = parse(message);
    if (!record)
        return record.error();
    return std::string(text_of(*record, "terminal"));
}

}  // namespace sallyport
