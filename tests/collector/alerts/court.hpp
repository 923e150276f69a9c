// SPDX-License-Identifier: Apache-2.0
//
// A store with a log that tests write as intake does, rules, and the judge that reads it.
#pragma once

#include <algorithm>
#include <map>

#include "collector/alerts/judgement.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/json.hpp"
#include "tests/collector/alerts/desk_fixture.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::alerts {

using namespace std::chrono_literals;
using testing::kMondayMorning;

// A stick, storage after an onlooker, a screen left unlocked, and a terminal that is no longer heard of.
inline constexpr const char* kRules = R"(
title: Unknown USB storage attached
name: stick
level: high
references: [CSP 6.0 MP-7]
logsource: {product: sallyport, category: usb}
detection:
  stick: {type: usb.attach, is_storage: true}
  condition: stick
sallyport:
  catalogue: USB-01
  object: [serial_hash]
  summary: Unknown storage at {terminal_id}, screen {session.state}.
  routing: {to: [SPOC]}
---
title: Onlooker
name: onlooker
level: medium
logsource: {product: sallyport, category: camera}
detection:
  seen: {type: camera.presence, camera.onlookers|gte: 1}
  condition: seen
sallyport:
  catalogue: CAM-02
  summary: Somebody looks at {terminal_id}.
---
title: Onlooker and storage
name: both
level: critical
correlation:
  type: temporal
  rules: [onlooker, stick]
  group-by: [terminal_id]
  timespan: 5m
  generate: true
sallyport:
  catalogue: COR-01
  implies: [USB-01, CAM-02]
  summary: Somebody looked on while storage was attached to {terminal_id}.
---
title: Unlocked
name: unlocked
logsource: {product: sallyport, category: session}
detection:
  opened: {type: session.unlock}
  condition: opened
---
title: Locked
name: locked
logsource: {product: sallyport, category: session}
detection:
  closed: {type: session.lock}
  condition: closed
---
title: Left unlocked
name: left-unlocked
level: high
absence: {after: unlocked, without: locked, group-by: [terminal_id], timespan: 10m}
sallyport:
  catalogue: SES-01
  parameters:
    after_s: {basis: project, tighter: lower, sets: absence.timespan}
  summary: Terminal {terminal_id} was left unlocked.
---
title: Offline
name: offline
level: high
logsource: {product: sallyport, category: server}
detection:
  gone: {type: server.liveness, state: offline}
  condition: gone
sallyport:
  catalogue: AGT-01
  live_at_once: true
  summary: Nothing is heard of {terminal_id}.
  clear: {rule: back, group-by: [terminal_id]}
---
title: Back
name: back
logsource: {product: sallyport, category: server}
detection:
  heard: {type: server.liveness, state: back}
  condition: heard
)";

inline std::shared_ptr<const rules::RuleSet> load_rules(const std::string& text = kRules) {
    auto loaded = rules::RuleSet::load({{"inline.yml", text}});
    if (const auto* faults = std::get_if<std::vector<rules::Fault>>(&loaded)) {
        for (const rules::Fault& fault : *faults)
            ADD_FAILURE() << fault.text();
        return nullptr;
    }
    return std::get<std::shared_ptr<const rules::RuleSet>>(loaded);
}

class Court : public sallyport::testing::DeskFixture {
public:
    using DeskFixture::clock_;

    Court() { set_live("live"); }

    void in_store(const store::Writer::Job& job) {
        const auto done = writer().run(job);
        ASSERT_TRUE(done) << done.error().message();
    }
    void set_live(const std::string& state) {
        in_store([&](Database& database) {
            return store::save_rule_site(database, {"", "", state, {}, "test", "test", kMondayMorning});
        });
    }
    void set_register(const std::string& name, const std::string& id, Record data) {
        store::RegisterEntry entry;
        entry.ori = "CA0010000";
        entry.register_name = name;
        entry.id = id;
        entry.valid_from = entry.recorded_at = kMondayMorning - 24h;
        entry.changed_by = entry.change_reason = "test";
        entry.data = std::move(data);
        in_store([&](Database& database) { return store::record_entry(database, entry); });
    }

    // One line in the log, as intake puts it there: received now, happened `ago`.
    void log(const std::string& terminal, std::string_view type, Record body,
             std::chrono::milliseconds ago = 0ms, bool withheld = false) {
        std::uint64_t& seq = seqs_[terminal];
        Event event = testing::event(type, terminal, instance_of(terminal), seq + 1, std::move(body),
                                     clock_.now() - ago);
        event.operator_account = "mary.smith";
        event.drill = mark_;
        event.event_id =
            terminal + "-" + std::to_string(seq + 1);  // the same line, and so leaf, in every store
        const auto line = encode_event(event);
        ASSERT_TRUE(line) << line.error().message();
        in_store([&](Database& database) -> Result<void> {
            auto stream = store::find_stream(database, terminal, instance_of(terminal));
            if (!stream) return stream.error();
            if (!*stream) {
                auto made = store::create_stream(database, "CA0010000", terminal, instance_of(terminal), {},
                                                 clock_.now());
                if (!made) return made.error();
                *stream = *made;
            }
            auto appender = store::EventAppender::open(database);
            if (!appender) return appender.error();
            store::NewEvent added{std::string(type), *event.occurred_at, leaf_of(*line), *line, std::nullopt};
            if (withheld) {
                added.line.reset();
                added.withheld_reason = "evicted";
            }
            return appender->append(**stream, std::nullopt, {added}, clock_.now());
        });
        ++seq;
    }
    void stick(const std::string& terminal = "T1") { log(terminal, "usb.attach", testing::usb_stick_body()); }
    void onlooker(const std::string& terminal = "T1") {
        log(terminal, "camera.presence",
            {{"faces", 2},
             {"operator_present", true},
             {"onlookers", 1},
             {"duration_ms", 900},
             {"confidence", 0.9},
             {"zone", "near"},
             {"min_confidence", 0.8}});
    }
    void unlock(const std::string& terminal = "T1") { log(terminal, "session.unlock", {{"cause", "user"}}); }
    void lock(const std::string& terminal = "T1") { log(terminal, "session.lock", {{"cause", "user"}}); }
    void liveness(const std::string& terminal, const std::string& state) {
        log("collector", "server.liveness",
            {{"terminal", terminal}, {"state", state}, {"last_seen_at", format_time(clock_.now())}});
    }

    std::unique_ptr<Judgement> open(JudgementLimits limits = {}) {
        auto judgement = Judgement::open(writer(), clock_, rules_, limits);
        EXPECT_TRUE(judgement) << judgement.error().message();
        return judgement ? std::move(*judgement) : nullptr;
    }
    // Steps until the log is judged and nothing is due.
    void judge_all(Judgement& judgement) {
        for (;;) {
            const auto progress = judgement.step();
            ASSERT_TRUE(progress) << progress.error().message();
            if (!progress->judged) return;
        }
    }

    std::vector<store::Alert> alerts() {
        auto listed = store::list_alerts(reader(), {.limit = 1000});
        EXPECT_TRUE(listed);
        std::sort(listed->begin(), listed->end(), [](const auto& a, const auto& b) {
            return std::tie(a.condition_at, a.rule_id, a.alert_id) <
                   std::tie(b.condition_at, b.rule_id, b.alert_id);
        });
        return *listed;
    }
    store::Alert of_rule(std::string_view id) {
        for (auto& made : alerts()) {
            if (made.rule_id == id) return made;
        }
        ADD_FAILURE() << "no alert of " << id;
        return {};
    }
    // All that must not depend on restarts: which alerts, how grave, in which state, on what evidence.
    std::string outcome() {
        std::string text;
        for (const store::Alert& made : alerts()) {
            text += made.rule_id + " " + made.terminal_id.value_or("-") + " " + made.alert_id.substr(0, 8) +
                    " " + made.severity + " " + made.state + " " + std::to_string(made.occurrence_count) +
                    " [";
            for (const std::int64_t id : made.evidence)
                text += std::to_string(id) + " ";
            text += "] " + (made.part_of ? "part of " + made.part_of->substr(0, 8) : "") +
                    (made.incident_id ? " in " + made.incident_id->substr(0, 8) : "") + "\n";
        }
        for (const store::Incident& incident : *store::list_incidents(reader(), {}))
            text += incident.number + " " + incident.summary + "\n";
        return text;
    }

    std::shared_ptr<const rules::RuleSet> rules_ = load_rules();
    std::optional<std::string> mark_;  // of a drill, on every line from now on

private:
    static std::string instance_of(const std::string& terminal) {
        return to_hex(sha256(bytes_of(terminal))).substr(0, 32);
    }
    std::map<std::string, std::uint64_t> seqs_;
};

}  // namespace sallyport::alerts
