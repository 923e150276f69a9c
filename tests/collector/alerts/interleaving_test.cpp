// SPDX-License-Identifier: Apache-2.0
//
// The promise of system.md section 3: lines of several terminals and of the collector itself, in any
// interleaving that keeps each stream's own order, with duplicates, come to the same final set of (rule,
// group, start, evidence).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "collector/alerts/event_fields.hpp"
#include "collector/alerts/terminal_state.hpp"
#include "protocol/chain.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/rule_files.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::alerts {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr unsigned kShuffles = 200;
constexpr int kLines = 90;  // a stream
const WallTime kStart = *parse_time("2026-11-23T17:00:00.000Z");
const minutes kDay{180};

// Beside the shipped rules, which look at one terminal each: what looks across terminals, of every kind.
constexpr const char* kAcrossTerminals = R"(
title: unlocked
name: x-unlocked
logsource: {product: sallyport, category: session}
detection: {s: {type: session.unlock}, condition: s}
---
title: locked
name: x-locked
logsource: {product: sallyport, category: session}
detection: {s: {type: session.lock}, condition: s}
---
title: stick
name: x-stick
logsource: {product: sallyport, category: usb}
detection: {s: {type: usb.attach}, condition: s}
---
title: printed
name: x-printed
logsource: {product: sallyport, category: print}
detection: {s: {type: print.job}, condition: s}
---
title: seen
name: x-seen
logsource: {product: sallyport, category: camera}
detection: {s: {type: camera.presence}, condition: s}
---
title: One operator at two terminals
name: x-two-terminals
correlation: {type: value_count, rules: [x-unlocked], group-by: [operator.ref], timespan: 5m, condition: {gte: 2, field: terminal_id}}
sallyport: {catalogue: X-01, summary: s}
---
title: Many sticks at a site
name: x-sticks
correlation: {type: event_count, rules: [x-stick], group-by: [site.id], timespan: 10m, condition: {gte: 4}}
sallyport: {catalogue: X-02, summary: s}
---
title: Many pages in a room
name: x-pages
correlation: {type: value_sum, rules: [x-printed], group-by: [terminal.room], timespan: 15m, condition: {gte: 60, field: pages}}
sallyport: {catalogue: X-03, summary: s}
---
title: Large jobs in a room
name: x-large
correlation: {type: value_percentile, rules: [x-printed], group-by: [terminal.room], timespan: 20m, condition: {gte: 25, field: pages, percentile: 75}}
sallyport: {catalogue: X-04, summary: s}
---
title: Unlocked, stick, printed in a room
name: x-in-order
correlation: {type: temporal_ordered, rules: [x-unlocked, x-stick, x-printed], group-by: [terminal.room], timespan: 10m}
sallyport: {catalogue: X-05, summary: s}
---
title: Printed, and nobody seen in the room
name: x-nobody
correlation: {type: temporal, rules: [x-printed, x-seen], group-by: [terminal.room], timespan: 1m, condition: x-printed and not x-seen}
sallyport: {catalogue: X-06, summary: s}
---
title: A room left unlocked
name: x-open
absence: {after: x-unlocked, without: x-locked, group-by: [terminal.room], timespan: 3m}
sallyport: {catalogue: X-07, summary: s}
---
title: A room left unlocked, and a stick
name: x-open-stick
correlation: {type: temporal, rules: [x-open, x-stick], group-by: [terminal.room], timespan: 2m, generate: true}
sallyport: {catalogue: X-08, summary: s}
---
title: Sticks while it was open, again and again
name: x-again
correlation: {type: event_count, rules: [x-open-stick], group-by: [terminal.room], timespan: 1h, condition: {gte: 2}}
sallyport: {catalogue: X-09, summary: s}
)";

std::shared_ptr<const rules::RuleSet> load() {
    auto sources =
        rules::read_sources({std::filesystem::path(SALLYPORT_SOURCE_DIR) / "rules" / "physical-protection"});
    if (!sources) return nullptr;
    sources->push_back({"across.yml", kAcrossTerminals});
    auto loaded = rules::RuleSet::load(*sources);
    if (const auto* faults = std::get_if<std::vector<rules::Fault>>(&loaded)) {
        for (const rules::Fault& fault : *faults)
            ADD_FAILURE() << fault.text();
        return nullptr;
    }
    return std::get<0>(loaded);
}

using Stream = std::vector<std::string>;  // encoded lines, in their own order

// One sender's lines, a few seconds apart; whole seconds, so that streams meet at the same time.
class Sender {
public:
    Sender(std::string terminal, std::mt19937& random) : terminal_(std::move(terminal)), random_(random) {}

    void say(std::string_view type, Record body) {
        const std::string instance = to_hex(sha256(bytes_of(terminal_))).substr(0, 32);
        Event event = testing::event(type, terminal_, instance, stream_.size() + 1, std::move(body), time_);
        event.operator_account = "operator-" + std::to_string(random_() % 3);
        event.event_id = terminal_ + "-" + std::to_string(event.seq);
        const auto line = encode_event(event);
        ASSERT_TRUE(line) << line.error().message();
        stream_.push_back(*line);
    }
    void wait() { time_ += seconds(random_() % 4 == 0 ? 0 : random_() % 200); }
    [[nodiscard]] WallTime time() const { return time_; }
    Stream take() { return std::move(stream_); }

private:
    std::string terminal_;
    std::mt19937& random_;
    WallTime time_ = kStart;
    Stream stream_;
};

Stream terminal_stream(const std::string& terminal, std::mt19937& random) {
    Sender sender(terminal, random);
    for (int i = 0; i < kLines; ++i) {
        sender.wait();
        switch (random() % 8) {
            case 0:
                sender.say("session.unlock", {{"cause", "user"}});
                break;
            case 1:
                sender.say("session.lock", {{"cause", "user"}});
                break;
            case 2: {
                Record stick = testing::usb_stick_body();
                stick.set("serial_hash", std::string(64, static_cast<char>('a' + random() % 3)));
                sender.say("usb.attach", std::move(stick));
                break;
            }
            case 3:
                sender.say("print.job", {{"job_id", std::to_string(i)},
                                         {"printer_hash", std::string(64, 'a')},
                                         {"printer_kind", "network"},
                                         {"pages", static_cast<int>(random() % 40)},
                                         {"state", "completed"}});
                break;
            case 4:
            case 5:
                sender.say("camera.presence", {{"faces", 2},
                                               {"operator_present", random() % 3 != 0},
                                               {"onlookers", static_cast<int>(random() % 2)},
                                               {"duration_ms", 900},
                                               {"confidence", 0.9},
                                               {"zone", "near"},
                                               {"min_confidence", 0.8}});
                break;
            case 6:
                sender.say("camera.state",
                           {{"state", random() % 3 != 0 ? "on" : "covered"}, {"indicator", "on"}});
                break;
            default:
                sender.say("session.idle", {{"idle_s", random() % 2 != 0 ? 960 : 1800}});
        }
    }
    return sender.take();
}

Stream collector_stream(const std::vector<std::string>& terminals, std::mt19937& random) {
    constexpr std::string_view kStates[] = {"late", "offline", "back", "alive", "shutdown"};
    Sender sender("collector", random);
    for (int i = 0; i < kLines / 2; ++i) {
        sender.wait();
        sender.wait();
        sender.say("server.liveness", {{"terminal", terminals[random() % terminals.size()]},
                                       {"state", kStates[random() % 5]},
                                       {"last_seen_at", format_time(sender.time())}});
    }
    return sender.take();
}

// What the registers say: two rooms of two terminals, one site. The same at any time.
Record registered(const std::string& terminal) {
    return {{"terminal.registered", true},
            {"terminal.status", "licensed"},
            {"terminal.licensed", true},
            {"terminal.room", terminal < "T3" ? "R1" : "R2"},
            {"terminal.idle_limit_s", 960},
            {"terminal.camera_enabled", true},
            {"terminal.duty_profile", "office_hours"},
            {"site.id", "S1"},
            {"hours.open", true},
            {"window.maintenance", false}};
}

// One run of the collector's judge over lines as they come in, without its store.
class Trial {
public:
    explicit Trial(std::shared_ptr<const rules::RuleSet> rules)
        : engine_(rules::Engine::create(std::move(rules), nullptr)) {}

    void take(const std::string& line) {
        auto decoded = decode_event(line);
        const auto* event = std::get_if<Event>(&decoded);
        ASSERT_NE(event, nullptr);
        const Digest leaf = leaf_of(line);
        const auto [known, is_new] = references_.emplace(to_hex(leaf), references_.size() + 1);
        rules::InputEvent input;
        input.reference = static_cast<std::int64_t>(known->second);
        input.time = event_time(*event);
        input.origin = origin_of(*event);
        input.sequence = event->seq;
        input.logsource = logsource_of(event->type);
        input.fields = event_fields(*event, input.time);
        for (const auto& [name, value] : registered(terminal_of(*event)))
            input.fields.append(name, value);
        if (event->operator_account) input.fields.append("operator.ref", *event->operator_account);
        if (terminal_of(*event) == event->terminal_id) {
            // A line that came before is not applied again: the store knows it as a duplicate.
            if (is_new) terminals_[event->terminal_id].apply(*event);
            terminals_[event->terminal_id].add_to(input.fields, input.time);
        }
        if (is_new) leaves_.push_back(known->first.substr(0, 12));
        engine_->process(input, findings_);
    }

    void tell(const std::vector<std::string>& terminals, WallTime now) {
        const rules::Members members = [&](const auto& use) {
            for (const std::string& terminal : terminals)
                use(registered(terminal).set("terminal_id", terminal));
        };
        engine_->expect("terminal", members, now, findings_);
        engine_->advance(now, findings_);
    }

    std::multiset<std::string> standing() const {
        std::multiset<std::string> lines;
        for (const rules::Finding& finding : rules::standing(findings_)) {
            std::string line = finding.rule;
            for (const auto& [field, value] : finding.group)
                line += " " + field + "=" + value;
            line += " since " + format_time(finding.started_at) +
                    (finding.phase == rules::FindingPhase::cleared ? " cleared " : " at ") +
                    format_time(finding.at) + " value " + std::to_string(finding.value) + " by";
            for (const std::int64_t reference : finding.evidence)
                line += " " + leaves_[static_cast<std::size_t>(reference) - 1];
            lines.insert(std::move(line));
        }
        return lines;
    }
    [[nodiscard]] std::size_t withdrawn() const {
        return static_cast<std::size_t>(std::count_if(
            findings_.begin(), findings_.end(),
            [](const auto& finding) { return finding.phase == rules::FindingPhase::withdrawn; }));
    }

private:
    std::unique_ptr<rules::Engine> engine_;
    std::map<std::string, TerminalState> terminals_;
    std::map<std::string, std::size_t> references_;  // by leaf: numbered as they come, as the log does
    std::vector<std::string> leaves_;                // by reference, from 1
    std::vector<rules::Finding> findings_;
};

// Lines in an order that keeps each stream's own, some of them twice; the clock goes on meanwhile, minute by
// minute.
void play(Trial& trial, const std::vector<Stream>& streams, const std::vector<std::string>& terminals,
          std::mt19937& random, bool whole_streams) {
    std::vector<std::size_t> next(streams.size(), 0);
    std::vector<std::string> came;
    std::size_t left = 0;
    for (const Stream& stream : streams)
        left += stream.size();
    minutes clock{0};
    trial.tell(terminals, kStart);
    std::size_t chosen = random() % streams.size();
    while (left > 0) {
        if (!whole_streams || next[chosen] == streams[chosen].size()) chosen = random() % streams.size();
        if (next[chosen] == streams[chosen].size()) continue;
        came.push_back(streams[chosen][next[chosen]++]);
        --left;
        trial.take(came.back());
        if (random() % 5 == 0) trial.take(came[random() % came.size()]);
        while (clock < kDay && random() % 3 == 0)
            trial.tell(terminals, kStart + ++clock);
    }
    while (clock < kDay + minutes(120))
        trial.tell(terminals, kStart + ++clock);
}

TEST(Interleaving, GivenAnyOrderOfTheStreamsWithDuplicatesThenTheSameFindingsStandInTheEnd) {
    const auto rules = load();
    ASSERT_NE(rules, nullptr);
    const std::vector<std::string> terminals{"T1", "T2", "T3", "T4"};
    std::size_t found = 0, withdrawn = 0;
    std::set<std::string> spoke;
    for (unsigned seed = 1; seed <= kShuffles; ++seed) {
        // A new day for every tenth shuffle.
        std::mt19937 day((seed - 1) / 10 + 1);
        std::vector<Stream> streams;
        for (const std::string& terminal : terminals)
            streams.push_back(terminal_stream(terminal, day));
        streams.push_back(collector_stream(terminals, day));
        static std::multiset<std::string> expected;
        if (seed % 10 == 1) {
            Trial trial(rules);
            play(trial, streams, terminals, day, true);
            expected = trial.standing();
            found += expected.size();
            for (const std::string& line : expected)
                spoke.insert(line.substr(0, line.find(' ')));
        }
        std::mt19937 random(seed + 1000);
        Trial trial(rules);
        play(trial, streams, terminals, random, seed % 3 == 0);
        withdrawn += trial.withdrawn();
        const auto standing = trial.standing();
        if (standing == expected) continue;
        ADD_FAILURE() << "seed " << seed;
        for (const std::string& line : expected)
            if (!standing.contains(line)) ADD_FAILURE() << "missing: " << line;
        for (const std::string& line : standing)
            if (!expected.contains(line)) ADD_FAILURE() << "too much: " << line;
        return;
    }
    EXPECT_GT(found, 2'000U);
    EXPECT_GT(withdrawn, 1'000U) << "else nothing came too late to matter";
    for (int rule = 1; rule <= 9; ++rule) {
        const char* const names[] = {"x-two-terminals", "x-sticks", "x-pages",      "x-large", "x-in-order",
                                     "x-nobody",        "x-open",   "x-open-stick", "x-again"};
        EXPECT_TRUE(spoke.contains(names[rule - 1])) << names[rule - 1] << " never spoke";
    }
}

}  // namespace
}  // namespace sallyport::alerts
