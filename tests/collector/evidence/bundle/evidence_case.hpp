// SPDX-License-Identifier: Apache-2.0
//
// A small county with one incident: a terminal with real keys and a real chain, taken in as intake takes it; registers, a
// rule, an alert, an incident, and who did what.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/evidence/bundle/bundle.hpp"
#include "collector/evidence/bundle/bundle_check.hpp"
#include "collector/intake/admission.hpp"
#include "collector/intake/audit_relay.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/rule_text.hpp"
#include "collector/store/schema.hpp"
#include "protocol/timestamp.hpp"
#include "tests/collector/evidence/bundle/memory_log.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::testing {

using namespace std::chrono_literals;

inline constexpr std::string_view kRuleText = "title: Unknown storage\nlevel: high\n";
inline constexpr std::string_view kIncident = "incident-1";

class EvidenceCase : public ::testing::Test {
protected:
    EvidenceCase() {
        EXPECT_TRUE(store::migrate(database_));
        EXPECT_TRUE(store::add_key(database_, terminal_.key(clock_.now() - 24h)));
        register_all(clock_.now() - 24h);
        rule_version_ = *store::keep_rule_text(database_, {"usb-01.yml", std::string(kRuleText)}, clock_.now());
    }

    // --- the county --------------------------------------------------------------------------------------------------

    void record(std::string_view register_name, std::string_view id, Record data, WallTime recorded_at,
                std::optional<WallTime> valid_from = {}) {
        store::RegisterEntry entry;
        entry.ori = terminal_.ori;
        entry.register_name = register_name;
        entry.id = id;
        entry.valid_from = valid_from.value_or(recorded_at);
        entry.recorded_at = recorded_at;
        entry.changed_by = "acc";
        entry.change_reason = "test";
        entry.data = std::move(data);
        ASSERT_TRUE(store::record_entry(database_, entry));
    }
    void register_all(WallTime when) {
        record("sites", "S1", {{"site_id", "S1"}, {"site_name", "Main"}}, when);
        record("rooms", "R1", {{"room_id", "R1"}, {"site_id", "S1"}, {"zone", "secure"}, {"allowed_hours", "always"}}, when);
        record("terminals", "T-1",
               {{"terminal_id", "T-1"}, {"room_id", "R1"}, {"site_id", "S1"}, {"status", "licensed"},
                {"shared_accounts", List{"desk"}}},
               when);
        record("operators", "OP-1",
               {{"operator_ref", "OP-1"}, {"staff_id", "4711"}, {"display_name", "Ann Example"},
                {"os_accounts", List{"ann"}}, {"role", "FAO"}, {"clearance_result", "cleared"}},
               when);
    }

    // Taken in as intake does it; the numbers of the lines in the log.
    std::vector<std::int64_t> take_in(const std::string& message) {
        auto checked = batch_check_.check(terminal_.topic(), message, *store::keys_of(database_, terminal_.name));
        auto* batch = std::get_if<intake::CheckedBatch>(&checked);
        EXPECT_NE(batch, nullptr);
        auto appender = *store::EventAppender::open(database_);
        auto admitted = intake::admit(database_, appender, *batch, clock_.now());
        EXPECT_TRUE(admitted) << admitted.error().message();
        EXPECT_FALSE(admitted->refused);
        EXPECT_TRUE(own_log_.append(database_, admitted->notices));
        std::vector<std::int64_t> ids;
        for (const auto& event : *store::read_events_after(database_, 0, 100'000))
            if (event.instance == terminal_.instance && event.seq >= batch->batch.header.first_seq &&
                event.seq <= batch->batch.header.last_seq())
                ids.push_back(event.ingest_id);
        return ids;
    }

    Event stick(std::optional<std::string> account) {
        Event made = usb_attach(terminal_.name, terminal_.instance, 0);
        made.occurred_at = made.observed_at = clock_.now();
        made.operator_account = std::move(account);
        return made;
    }
    Event started() {
        Event made = terminal_.start();
        made.occurred_at = made.observed_at = clock_.now();
        return made;
    }
    // As the next batch.
    std::vector<std::int64_t> send(const std::vector<Event>& events) {
        const auto first = terminal_.next_seq;
        std::vector<std::string> lines;
        for (const Event& event : events) {
            lines.push_back(terminal_.line(event));
            ++terminal_.next_seq;
        }
        terminal_.next_seq = first;
        return take_in(terminal_.batch(lines));
    }

    void act(std::string_view action, std::string_view type, std::string_view id, std::string_view role = "spoc") {
        store::AuditEntry entry;
        entry.actor = std::string(role) + "-1";
        entry.actor_role = role;
        entry.action = action;
        entry.object_type = type;
        entry.object_id = id;
        ASSERT_TRUE(store::append_audit(database_, entry, clock_.now()));
        ASSERT_TRUE(intake::relay_audit(database_, own_log_));
    }

    store::Alert alert(std::string id, std::vector<std::int64_t> evidence) const {
        store::Alert made;
        made.alert_id = std::move(id);
        made.ori = terminal_.ori;
        made.rule_id = "USB-01";
        made.rule_version = rule_version_;
        made.control_refs = {"CSP 6.0 MP-7"};
        made.severity = "high";
        made.title = "Unknown USB storage attached";
        made.summary = "Unknown USB storage was attached to T-1.";
        made.terminal_id = terminal_.name;
        made.dedupe_key = R"(["USB-01","T-1","ann"])";
        made.lane = "queue";
        made.kind = "event";
        made.state = "converted";
        made.routed_to = {"SPOC"};
        made.first_event_at = made.last_event_at = made.condition_at = clock_.now();
        made.raised_at = made.known_at = clock_.now() + 1s;
        made.incident_id = std::string(kIncident);
        made.evidence = std::move(evidence);
        return made;
    }

    void open_incident(const std::vector<store::Alert>& alerts) {
        store::Incident incident;
        incident.incident_id = kIncident;
        incident.ori = terminal_.ori;
        incident.number = "2026-0001";
        incident.kind = "media";
        incident.severity = "high";
        incident.status = "open";
        incident.discovered_at = clock_.now();
        incident.discovered_by = "spoc-1";
        incident.discovery_method = "console";
        incident.summary = "A stick nobody knows, <at the desk>";
        for (const store::Alert& one : alerts) {
            ASSERT_TRUE(store::insert_alert(database_, one));
            incident.alert_ids.push_back(one.alert_id);
        }
        ASSERT_TRUE(store::insert_incident(database_, incident));
        act("incident.convert", "incident", kIncident);
    }

    // Three lines in two batches, heads signed before, between and after, an alert on two of them. A line names `ann`.
    void tell_the_story() {
        lines_ = send({started()});
        log_.sign(database_, clock_.now());
        clock_.advance(1min);
        auto more = send({stick("ann"), stick(std::nullopt)});
        lines_.insert(lines_.end(), more.begin(), more.end());
        clock_.advance(1min);
        log_.sign(database_, clock_.now());
        store::Alert raised = alert("alert-1", more);
        raised.first_event_at = raised.last_event_at = raised.condition_at = clock_.now() - 1min;
        open_incident({raised});
        clock_.advance(1min);
        log_.sign(database_, clock_.now());
        act("incident.refer", "incident", kIncident);
        act("incident.open", "incident", kIncident, "psd_investigator");
        clock_.advance(1min);
        log_.sign(database_, clock_.now());
    }

    // --- bundles -----------------------------------------------------------------------------------------------------

    Result<evidence::Bundle> make(evidence::BundleForm form) {
        const evidence::BundleOrder order{std::string(kIncident), form, "tester", "psd_investigator", "investigation",
                                          clock_.now(), {}};
        return evidence::make_bundle(database_, order, log_, key_);
    }
    evidence::BundleReport check(std::string_view file) const { return evidence::check_bundle(file, keys_); }

    static std::string faults_of(const evidence::BundleReport& report) {
        std::string text;
        for (const auto& fault : report.faults)
            text += fault.member + ": " + fault.reason + "\n";
        return text;
    }

    TemporaryFolder folder_;
    ManualClock clock_;
    SigningKey key_ = *SigningKey::generate();
    std::vector<PublicKey> keys_{key_.public_key()};
    TestTerminal terminal_;
    Database database_ = *Database::open(folder_ / "store.db");
    intake::BatchCheck batch_check_;
    intake::OwnLog own_log_{"CA0300000", key_, clock_};
    MemoryLog log_{"sallyport/CA0300000/1", key_};
    std::string rule_version_;
    std::vector<std::int64_t> lines_;
};

}  // namespace sallyport::testing
