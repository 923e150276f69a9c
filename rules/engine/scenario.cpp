// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/scenario.hpp"

#include <algorithm>
#include <sstream>

#include "protocol/catalogue.hpp"
#include "protocol/envelope.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/field_catalogue.hpp"
#include "rules/engine/reporter.hpp"
#include "rules/engine/timespan.hpp"
#include "rules/engine/window_relief.hpp"

namespace sallyport::rules {
namespace {

// Second 0 of every scenario: a Monday, ten in the morning in California.
constexpr WallTime kStart{std::chrono::milliseconds(1'795'456'800'000)};

class ScenarioReader {
public:
    explicit ScenarioReader(const Source& source) : source_(source), report_(source.file, faults_) {}

    std::variant<std::vector<Scenario>, std::vector<Fault>> read() {
        for (const YamlNode& document : parse_yaml(source_, faults_))
            read_document(document);
        if (!faults_.empty()) return std::move(faults_);
        return std::move(scenarios_);
    }

private:
    void read_document(const YamlNode& document) {
        const YamlEntry* list = document.find("scenarios");
        const YamlEntry* rule = document.find("rule");
        for (const YamlEntry& entry : document.entries)
            if (entry.key == "given")
                read_fields(entry.value, given_);
            else if (entry.key != "rule" && entry.key != "scenarios" && entry.key != "about")
                report_(entry.place, "unknown key '" + entry.key + "'");
        if (rule == nullptr || list == nullptr || !list->value.is_list())
            return report_(document.place, "a scenario file needs `rule` and a list of `scenarios`");
        for (const YamlNode& node : list->value.items)
            read_scenario(node, rule->value.text);
    }

    // Once, or once for each value under `each`.
    void read_scenario(const YamlNode& node, const std::string& catalogue_id) {
        const YamlEntry* each = node.find("each");
        if (each == nullptr) return read_variant(node, catalogue_id, nullptr, nullptr);
        if (!each->value.is_map()) return report_(each->value.place, "`each` must be a map");
        for (const YamlEntry& field : each->value.entries)
            for (const YamlNode& value : field.value.items)
                read_variant(node, catalogue_id, &field, &value);
    }

    void read_variant(const YamlNode& node, const std::string& catalogue_id, const YamlEntry* field,
                      const YamlNode* value) {
        Scenario scenario;
        scenario.file = source_.file;
        scenario.line = node.place.line;
        scenario.catalogue_id = catalogue_id;
        state_ = given_;
        bool has_then = false;
        for (const YamlEntry& entry : node.entries) {
            if (entry.key == "name")
                scenario.name = entry.value.text;
            else if (entry.key == "given")
                read_fields(entry.value, state_);
            else if (entry.key == "site")
                read_parameters(entry.value, scenario);
            else if (entry.key != "when" && entry.key != "then" && entry.key != "each")
                report_(entry.place, "a scenario has no entry '" + entry.key + "'");
        }
        const YamlNode* event = nullptr;
        if (field != nullptr) {
            scenario.name += " (" + field->key + ": " + value->text + ")";
            if (field->key == "event")
                event = value;
            else
                read_field(field->key, field->place, *value, state_, {});
        }
        if (const YamlEntry* when = node.find("when"))
            for (const YamlNode& step : when->value.items)
                read_step(step, event, scenario);
        if (const YamlEntry* then = node.find("then")) {
            has_then = true;
            if (then->value.text != "nothing" || !then->value.is_scalar())
                for (const YamlNode& line : then->value.items)
                    read_expectation(line, scenario);
            if (then->value.is_scalar() && then->value.text != "nothing")
                report_(then->value.place, "`then` is `nothing` or a list");
        }
        if (scenario.name.empty() || scenario.steps.empty() || !has_then)
            report_(node.place, "a scenario needs `name`, `when` and `then`");
        scenarios_.push_back(std::move(scenario));
    }

    static Value value_of(const YamlNode& node) {
        if (!node.is_list()) return node.scalar();
        List list;
        for (const YamlNode& item : node.items)
            list.push_back(value_of(item));
        return list;
    }

    void read_fields(const YamlNode& node, Record& fields, std::string_view category = {}) {
        for (const YamlEntry& entry : node.entries)
            read_field(entry.key, entry.place, entry.value, fields, category);
    }

    void read_field(const std::string& name, Place place, const YamlNode& value, Record& fields,
                    std::string_view category) {
        const FieldCatalogue catalogue{std::string(category)};
        if (!catalogue.knows(name))
            report_(place, "unknown field '" + name + "'");
        else if (const auto text = text_of_scalar(value.scalar()))
            if (const auto message = catalogue.why_never(name, *text)) report_(value.place, *message);
        if (value.is_null())
            leave_out(name, fields);
        else
            fields.set(name, value_of(value));
    }

    // `null`: nothing is known of it any more.
    static void leave_out(std::string_view name, Record& fields) {
        Record kept;
        for (const auto& [other, value] : fields)
            if (other != name) kept.append(other, value);
        fields = std::move(kept);
    }

    void read_parameters(const YamlNode& node, Scenario& scenario) {
        for (const YamlEntry& entry : node.entries)
            if (const auto number = number_of_scalar(entry.value.scalar()))
                scenario.parameters[entry.key] = *number;
            else
                report_(entry.value.place, "a parameter is a number");
    }

    std::optional<WallTime> time_of(const std::string& text, Place place) {
        if (const auto span = parse_timespan(text)) return kStart + *span;
        report_(place, "'" + text + "' is no time such as 0s, 90s or 5m");
        return std::nullopt;
    }

    // `kind`: the event type that stands in place of the step's own.
    void read_step(const YamlNode& node, const YamlNode* kind, Scenario& scenario) {
        ScenarioStep step;
        const YamlEntry* at = node.find("at");
        const YamlEntry* event = node.find("event");
        const YamlEntry* with = node.find("with");
        for (const YamlEntry& entry : node.entries)
            if (entry.key == "now")
                read_fields(entry.value, state_);
            else if (entry.key != "at" && entry.key != "event" && entry.key != "with" && entry.key != "clock")
                report_(entry.place, "a step has no entry '" + entry.key + "'");
        if (at == nullptr || (event == nullptr) == (node.find("clock") == nullptr))
            return report_(node.place, "a step needs `at`, and either `event` or `clock: goes on`");
        step.at = time_of(at->value.text, at->value.place).value_or(kStart);
        step.member = state_;
        if (event != nullptr) {
            if (kind == nullptr) kind = &event->value;
            step.type = kind->text;
            if (find_event_type(step.type) == nullptr)
                return report_(kind->place, "there is no event type '" + step.type + "'");
            step.fields = state_;
            step.fields->set("type", step.type);
            if (with != nullptr)
                read_fields(with->value, *step.fields, step.type.substr(0, step.type.find('.')));
        }
        scenario.steps.push_back(std::move(step));
    }

    // `high at 10s`, `high at 10s since 0s`, `high cleared at 30s`.
    void read_expectation(const YamlNode& node, Scenario& scenario) {
        std::istringstream words(node.text);
        ScenarioExpectation expected;
        std::string word;
        words >> expected.severity >> word;
        if (word == "cleared") {
            expected.phase = FindingPhase::cleared;
            words >> word;
        }
        std::string time, since, rest;
        words >> time;
        const bool has_since = static_cast<bool>(words >> since >> rest);
        if (word != "at" || (!since.empty() && (since != "since" || !has_since)))
            return report_(
                node.place,
                "an expectation reads `high at 10s`, `high at 10s since 0s` or `high cleared at 30s`");
        expected.at = time_of(time, node.place).value_or(kStart);
        if (has_since) expected.since = time_of(rest, node.place);
        scenario.expected.push_back(std::move(expected));
    }

    const Source& source_;
    std::vector<Fault> faults_;
    Reporter report_;
    Record given_, state_;
    std::vector<Scenario> scenarios_;
};

std::string second_of(WallTime time) {
    const auto milliseconds = (time - kStart).count();
    return milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s"
                                    : std::to_string(milliseconds) + "ms";
}

// A finding with what the windows leave of its rule's level.
struct SaidFinding {
    Finding finding;
    std::string level;
};

std::string text_of_finding(const SaidFinding& said) {
    return said.level + (said.finding.phase == FindingPhase::cleared ? " cleared" : "") + " at " +
           second_of(said.finding.at) + " since " + second_of(said.finding.started_at);
}

std::string text_of_expectation(const ScenarioExpectation& expected) {
    return expected.severity + (expected.phase == FindingPhase::cleared ? " cleared" : "") + " at " +
           second_of(expected.at) + (expected.since ? " since " + second_of(*expected.since) : "");
}

std::string level_of(const Rule& rule, const Finding& finding,
                     const std::map<std::int64_t, const Record*>& events) {
    const auto telling = events.find(telling_event(rule, finding));
    if (telling == events.end()) return rule.level;
    const auto severity = severity_in_window(rule, *telling->second);
    return !severity ? rule.level : *severity == "info" ? "informational" : *severity;
}

// One run of a scenario through an engine of its own.
class Run {
public:
    Run(const Scenario& scenario, const std::shared_ptr<const RuleSet>& rules)
        : rules_(rules),
          catalogue_id_(scenario.catalogue_id),
          engine_(Engine::create(
              rules, [&](const Rule& rule, std::string_view name, const Record&) -> std::optional<double> {
                  const auto at = scenario.parameters.find(std::string(name));
                  const bool asked =
                      rule.catalogue_id == scenario.catalogue_id && at != scenario.parameters.end();
                  return asked ? std::optional(at->second) : std::nullopt;
              })) {
        if (engine_->watches(kMembers)) {
            now_ = kStart;
            learn(scenario.steps.front().member);
        }
    }

    // What stands at the end.
    std::vector<SaidFinding> play(const std::vector<ScenarioStep>& steps, int deliveries) {
        std::int64_t reference = 0;
        for (const ScenarioStep& step : steps) {
            let_pass(step.at);
            learn(step.member);
            ++reference;
            if (!step.fields) {
                engine_->advance(step.at, findings_);
                continue;
            }
            events_[reference] = &*step.fields;
            const Logsource logsource{"sallyport", {step.type.substr(0, step.type.find('.'))}, {}};
            for (int i = 0; i < deliveries; ++i)
                engine_->process({reference, step.at, logsource, *step.fields}, findings_);
        }
        std::vector<SaidFinding> said;
        for (Finding& finding : standing(std::move(findings_))) {
            const Rule& rule = *rules_->find(finding.rule);
            if (rule.catalogue_id != catalogue_id_) continue;
            std::string level = level_of(rule, finding, events_);
            said.push_back({std::move(finding), std::move(level)});
        }
        return said;
    }

private:
    static constexpr std::string_view kMembers = "terminal";

    // Minute by minute, as the collector tells who is expected.
    void let_pass(WallTime until) {
        while (now_ && *now_ < until) {
            now_ = std::min(*now_ + kTellEvery, until);
            tell();
            engine_->advance(*now_, findings_);
        }
    }

    void learn(const Record& member) {
        Record& known = members_[std::string(text_of(member, "terminal_id"))];
        if (!now_ || known == member) return;
        known = member;
        tell();
    }

    void tell() {
        const Members members = [&](const auto& use) {
            for (const auto& [terminal, member] : members_)
                use(member);
        };
        engine_->expect(kMembers, members, *now_, findings_);
    }

    static constexpr std::chrono::minutes kTellEvery{1};

    std::shared_ptr<const RuleSet> rules_;
    std::string catalogue_id_;
    std::unique_ptr<Engine> engine_;
    std::optional<WallTime> now_;  // nothing: no rule asks for members
    std::map<std::string, Record> members_;
    std::vector<Finding> findings_;
    std::map<std::int64_t, const Record*> events_;
};

bool is_as_expected(const SaidFinding& said, const ScenarioExpectation& expected) {
    const Finding& finding = said.finding;
    return said.level == expected.severity && finding.phase == expected.phase && finding.at == expected.at &&
           (!expected.since || finding.started_at == *expected.since);
}

}  // namespace

std::variant<std::vector<Scenario>, std::vector<Fault>> read_scenarios(const Source& source) {
    return ScenarioReader(source).read();
}

std::vector<std::string> run_scenario(const Scenario& scenario, const std::shared_ptr<const RuleSet>& rules) {
    std::vector<std::string> problems;
    const bool known = std::any_of(rules->rules().begin(), rules->rules().end(), [&](const Rule& rule) {
        return rule.catalogue_id == scenario.catalogue_id;
    });
    if (!known) return {"there is no rule " + scenario.catalogue_id};
    for (const int deliveries : {1, 2}) {
        std::vector<ScenarioExpectation> missing = scenario.expected;
        const std::string when = deliveries == 1 ? "" : " (every event delivered twice)";
        for (const SaidFinding& said : Run(scenario, rules).play(scenario.steps, deliveries)) {
            const auto at = std::find_if(missing.begin(), missing.end(), [&](const auto& expected) {
                return is_as_expected(said, expected);
            });
            if (at == missing.end())
                problems.push_back("not expected: " + text_of_finding(said) + when);
            else
                missing.erase(at);
        }
        for (const auto& expected : missing)
            problems.push_back("missing: " + text_of_expectation(expected) + when);
    }
    return problems;
}

}  // namespace sallyport::rules
