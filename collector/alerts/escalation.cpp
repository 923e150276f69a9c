// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/escalation.hpp"

#include <algorithm>

#include "collector/alerts/acknowledgement_clock.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/json.hpp"

namespace sallyport::alerts {

Result<bool> escalate_due(Database& database, WallTime now) {
    auto waiting = store::unacknowledged_alerts(database);
    if (!waiting) return waiting.error().within("escalate");
    bool any = false;
    for (store::Alert& alert : *waiting) {
        const auto due = due_escalation(alert, now);
        if (!due) continue;
        alert.escalated_to = due->to;
        alert.escalated_at = now;
        if (auto done = store::update_alert(database, alert); !done) return done.error().within("escalate");
        store::AuditEntry entry;
        entry.actor = "system";
        entry.actor_role = "system";
        entry.action = "alert.escalate";
        entry.object_type = "alert";
        entry.object_id = alert.alert_id;
        entry.detail = write_json(Record{{"to", due->to}, {"severity", alert.severity}});
        if (auto done = store::append_audit(database, entry, now); !done)
            return done.error().within("escalate");
        any = true;
    }
    return any;
}

Result<std::optional<WallTime>> next_escalation_at(Database& database) {
    auto waiting = store::unacknowledged_alerts(database);
    if (!waiting) return waiting.error().within("escalate");
    std::optional<WallTime> next;
    for (const store::Alert& alert : *waiting) {
        if (const auto step = next_escalation(alert)) next = next ? std::min(*next, step->at) : step->at;
    }
    return next;
}

}  // namespace sallyport::alerts
