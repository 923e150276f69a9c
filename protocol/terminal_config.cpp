// SPDX-License-Identifier: Apache-2.0
#include "protocol/terminal_config.hpp"

#include "protocol/json.hpp"
#include "protocol/schema.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport {
namespace {

constexpr JsonLimits kLimits{.bytes_max = 4096, .depth_max = 6, .fields_max = 64};
constexpr std::int64_t kSensorsMax = 32;

constexpr FieldSpec kStick[] = {
    {"vid", FieldKind::hex, true, 4, 4, {}, {}},
    {"pid", FieldKind::hex, true, 4, 4, {}, {}},
    {"serial_hash", FieldKind::hex, true, 64, 64, {}, {}},
};
constexpr FieldSpec kDrill[] = {
    {"nonce", FieldKind::hex, true, 32, 32, {}, {}},
    {"begins_at", FieldKind::time, true, 0, 0, {}, {}},
    {"ends_at", FieldKind::time, true, 0, 0, {}, {}},
    {"sensors", FieldKind::tokens, true, 0, kSensorsMax, {}, {}},
    {"sticks", FieldKind::records, true, 0, 1, {}, kStick},
};
constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"version", FieldKind::integer, true, 1, INT64_MAX, {}, {}},
    {"issued_at", FieldKind::time, true, 0, 0, {}, {}},
    {"drills", FieldKind::records, true, 0, 1, {}, kDrill},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

Error refused(const std::string& why) { return Error(Errc::refused, "config: " + why); }

Record to_record(const DrillOrder& order) {
    List sticks;
    if (order.stick)
        sticks.emplace_back(
            Record{{"vid", order.stick->vid}, {"pid", order.stick->pid}, {"serial_hash", order.stick->serial_hash}});
    return {{"nonce", order.nonce},
            {"begins_at", format_time(order.begins_at)},
            {"ends_at", format_time(order.ends_at)},
            {"sensors", List(order.sensors.begin(), order.sensors.end())},
            {"sticks", std::move(sticks)}};
}

Record to_record(const TerminalConfig& config) {
    List drills;
    if (config.drill) drills.emplace_back(to_record(*config.drill));
    return {{"v", 1},
            {"terminal", config.terminal},
            {"version", config.version},
            {"issued_at", format_time(config.issued_at)},
            {"drills", std::move(drills)}};
}

Bytes signed_claim(const TerminalConfig& config) {
    Bytes claim;
    append_framed(claim, "sallyport/1/config");
    append_framed(claim, write_json(to_record(config)));
    return claim;
}

Result<void> check_span(const TerminalConfig& config) {
    if (!config.drill) return {};
    const auto span = config.drill->ends_at - config.drill->begins_at;
    if (span <= span.zero() || span > kDrillLongest) return refused("a drill that lasts longer than 15 minutes, or not at all");
    return {};
}

const Record* only_record(const Record& parent, std::string_view name) {
    const auto* list = parent.find(name)->as<List>();
    return list->empty() ? nullptr : list->front().as<Record>();
}

Result<DrillOrder> drill_of(const Record& record) {
    auto begins_at = parse_time(text_of(record, "begins_at")), ends_at = parse_time(text_of(record, "ends_at"));
    if (!begins_at || !ends_at) return refused("a drill without its times");
    DrillOrder order{std::string(text_of(record, "nonce")), *begins_at, *ends_at, {}, std::nullopt};
    for (const Value& sensor : *record.find("sensors")->as<List>())
        order.sensors.push_back(*sensor.as<std::string>());
    if (const Record* stick = only_record(record, "sticks"))
        order.stick = DrillStick{std::string(text_of(*stick, "vid")), std::string(text_of(*stick, "pid")),
                                 std::string(text_of(*stick, "serial_hash"))};
    return order;
}

}  // namespace

Result<std::string> encode_config(const TerminalConfig& config, const SigningKey& collector) {
    if (auto good = check_span(config); !good) return good.error();
    auto signature = collector.sign(signed_claim(config));
    if (!signature) return signature.error().within("config");
    Record record = to_record(config);
    record.append("sig", to_base64(*signature));
    if (auto fault = check_fields(record, kFields))
        return Error(Errc::bad_input, "config: field '" + fault->field + "': " + fault->reason);
    return write_json(record);
}

Result<TerminalConfig> decode_config(std::string_view message, const PublicKey& collector) {
    auto record = read_json_record(message, kLimits);
    if (!record) return record.error().within("config");
    if (auto fault = check_fields(*record, kFields))
        return Error(Errc::bad_input, "config: field '" + fault->field + "': " + fault->reason);
    auto issued_at = parse_time(text_of(*record, "issued_at"));
    if (!issued_at) return refused("without its time");
    TerminalConfig config{std::string(text_of(*record, "terminal")), integer_of(*record, "version"), *issued_at,
                          std::nullopt};
    if (const Record* drill = only_record(*record, "drills")) {
        auto order = drill_of(*drill);
        if (!order) return order.error();
        config.drill = std::move(*order);
    }
    if (!collector.verify(signed_claim(config), *from_base64(text_of(*record, "sig"))))
        return refused("not signed by the collector, or changed since");
    if (auto good = check_span(config); !good) return good.error();
    return config;
}

}  // namespace sallyport
