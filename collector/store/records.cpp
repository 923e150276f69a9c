// SPDX-License-Identifier: Apache-2.0
#include "collector/store/records.hpp"

#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::store {
namespace {

// CSP IR-6: reported within one hour of discovery.
constexpr std::chrono::hours kReportWithin{1};

Value or_null(const std::optional<std::string>& text) {
    return text ? Value(*text) : Value();
}

List list_of(const std::vector<std::string>& texts) {
    return List(texts.begin(), texts.end());
}

Value parsed(const std::string& json, Value fallback) {
    auto value = read_json(json);
    return value ? std::move(*value) : std::move(fallback);
}

}  // namespace

Value time_or_null(const std::optional<WallTime>& time) {
    return time ? Value(format_time(*time)) : Value();
}

Record to_record(const Alert& alert) {
    return {{"alert_id", alert.alert_id},
            {"rule_id", alert.rule_id},
            {"severity", alert.severity},
            {"title", alert.title},
            {"summary", alert.summary},
            {"terminal_id", or_null(alert.terminal_id)},
            {"room_id", or_null(alert.room_id)},
            {"site_id", or_null(alert.site_id)},
            {"operator_ref", or_null(alert.operator_ref)},
            {"lane", alert.lane},
            {"kind", alert.kind},
            {"state", alert.state},
            {"mark", alert.mark},
            {"routed_to", list_of(alert.routed_to)},
            {"control_refs", list_of(alert.control_refs)},
            {"first_event_at", format_time(alert.first_event_at)},
            {"last_event_at", format_time(alert.last_event_at)},
            {"condition_at", format_time(alert.condition_at)},
            {"raised_at", format_time(alert.raised_at)},
            {"latency_ms", std::int64_t{(alert.raised_at - alert.condition_at).count()}},
            {"received_lag_ms", alert.received_lag_ms},
            {"occurrence_count", alert.occurrence_count},
            {"ack_by", or_null(alert.ack_by)},
            {"ack_at", time_or_null(alert.ack_at)},
            {"ack_due_at", time_or_null(alert.ack_due_at)},
            {"escalated_to", or_null(alert.escalated_to)},
            {"escalated_at", time_or_null(alert.escalated_at)},
            {"cleared_at", time_or_null(alert.cleared_at)},
            {"disposition", or_null(alert.disposition)},
            {"disposition_note", or_null(alert.disposition_note)},
            {"incident_id", or_null(alert.incident_id)},
            {"part_of", or_null(alert.part_of)},
            {"revision", alert.revision}};
}

Record to_record(const Incident& incident) {
    return {{"incident_id", incident.incident_id},
            {"number", incident.number},
            {"kind", incident.kind},
            {"severity", incident.severity},
            {"status", incident.status},
            {"discovered_at", format_time(incident.discovered_at)},
            {"discovered_by", incident.discovered_by},
            {"discovery_method", incident.discovery_method},
            {"report_due_at", format_time(incident.discovered_at + kReportWithin)},
            {"reported_internal_at", time_or_null(incident.reported_internal_at)},
            {"reported_internal_to", or_null(incident.reported_internal_to)},
            {"summary", incident.summary},
            {"cji_exposure", incident.cji_exposure},
            {"containment", parsed(incident.containment, List())},
            {"confirmed_at", time_or_null(incident.confirmed_at)},
            {"referred_at", time_or_null(incident.referred_at)},
            {"referred_by", or_null(incident.referred_by)},
            {"closed_at", time_or_null(incident.closed_at)},
            {"closure_code", or_null(incident.closure_code)},
            {"alert_ids", list_of(incident.alert_ids)},
            {"revision", incident.revision}};
}

Record to_record(const StoredAuditEntry& stored) {
    const auto& entry = stored.entry;
    return {{"log_id", stored.log_id},
            {"at", format_time(stored.at)},
            {"actor", entry.actor},
            {"actor_role", entry.actor_role},
            {"action", entry.action},
            {"object_type", entry.object_type},
            {"object_id", entry.object_id},
            {"purpose", or_null(entry.purpose)},
            {"detail", parsed(entry.detail, Record())},
            {"outcome", entry.success ? "success" : "failure"}};
}

}  // namespace sallyport::store
