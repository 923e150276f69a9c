// SPDX-License-Identifier: Apache-2.0
//
// Reads documents into a rule set, in three steps: each document by itself, then the references between them,
// then what follows from those (which rules raise findings, filters, fingerprints). Faults are gathered, not
// thrown: an author sees all of them at once.
#include <algorithm>
#include <map>
#include <set>

#include "protocol/crypto.hpp"
#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/sallyport_block.hpp"
#include "rules/engine/timespan.hpp"

namespace sallyport::rules {
namespace {

constexpr std::string_view kCommonKeys[] = {
    "title", "id", "related", "name", "taxonomy", "status", "description", "license", "author", "references",
    "date", "modified", "level", "tags", "scope", "falsepositives", "fields", "sallyport",
    // SigmaHQ's own, beside the specification: where the rule's regression test and simulation are.
    "regression_tests_path", "simulation"};
constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated", "unsupported"};
constexpr std::string_view kProduct = "sallyport";

template <class Range>
bool has(const Range& range, std::string_view text) {
    return std::find(std::begin(range), std::end(range), text) != std::end(range);
}

// A name that one document uses for another, where it stands.
struct Reference {
    std::string name;
    Place place;
};

enum class Kind { detection, correlation, absence, filter };

// A document between the steps.
struct Draft {
    Kind kind = Kind::detection;
    int rule = -1;  // its number; -1: a filter
    std::string file;
    Place place;
    SallyportBlock block;
    LogsourceFilter logsource;
    bool ours = false;                  // says so by its product or by a catalogue id
    std::vector<Reference> references;  // parts, or {after, without}
    std::optional<bool> generate;       // of what it refers to
    const YamlNode* aliases = nullptr;
    Expression filter;
    bool filters_all = false;
};

class Loader {
public:
    Loader(const std::vector<Source>& sources, const PlaceholderSource& placeholders)
        : sources_(sources), placeholders_(placeholders) {}

    std::variant<std::shared_ptr<const RuleSet>, std::vector<Fault>> load() {
        for (const Source& source : sources_)
            trees_.push_back(parse_yaml(source, faults_));
        for (std::size_t i = 0; i < sources_.size(); ++i)
            for (const YamlNode& document : trees_[i])
                read_document(sources_[i], document);
        check_names();
        for (Draft& draft : drafts_)
            resolve(draft);
        if (faults_.empty()) apply_filters();
        if (faults_.empty()) decide_what_generates();
        if (faults_.empty()) check_circles_and_fingerprint();
        if (!faults_.empty()) {
            std::stable_sort(faults_.begin(), faults_.end(), [](const Fault& a, const Fault& b) {
                return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
            });
            return std::move(faults_);
        }
        return std::shared_ptr<const RuleSet>(std::move(rules_));
    }

private:
    // --- step 1: one document
    // ---------------------------------------------------------------------------------

    void read_document(const Source& source, const YamlNode& document) {
        const Reporter report(source.file, faults_);
        if (!document.is_map()) return report(document.place, "a rule must be a map");
        const std::pair<std::string_view, Kind> kinds[] = {{"detection", Kind::detection},
                                                           {"correlation", Kind::correlation},
                                                           {"absence", Kind::absence},
                                                           {"filter", Kind::filter}};
        Draft draft;
        draft.file = source.file;
        draft.place = document.place;
        const YamlEntry* body = nullptr;
        for (const auto& [key, kind] : kinds)
            if (const YamlEntry* entry = document.find(key)) {
                if (body != nullptr)
                    return report(entry->place,
                                  "'" + entry->key + "' and '" + body->key + "' exclude each other");
                body = entry;
                draft.kind = kind;
            }
        if (body == nullptr)
            return report(document.place, "a rule needs `detection`, `correlation`, `absence` or `filter`");
        check_keys(document, *body, report);

        Rule rule = read_head(document, source, report);
        read_logsource(document, draft, report);
        FieldCatalogue catalogue(draft.logsource.category);
        if (const YamlEntry* block = document.find("sallyport"))
            draft.block = read_sallyport_block(*block, catalogue, report, rule);
        draft.ours = draft.logsource.product == kProduct || !rule.catalogue_id.empty();
        if (draft.block.clear && draft.kind != Kind::detection)
            report(draft.block.clear->place, "only a detection has a `clear` rule");
        rule.state_alert = rule.state_alert || draft.kind == Kind::absence;
        draft.rule = draft.kind == Kind::filter ? -1 : static_cast<int>(rules_->rules_.size());
        CompiledRule compiled;
        switch (draft.kind) {
            case Kind::detection:
                compiled.body = read_detection(*body, draft, report, catalogue);
                break;
            case Kind::correlation:
                compiled.body = read_correlation(*body, draft, report);
                break;
            case Kind::absence:
                compiled.body = read_absence(*body, draft, report);
                break;
            case Kind::filter:
                read_filter(*body, draft, report, catalogue);
                break;
        }
        settle_parameters(draft, report, rule);
        if (draft.rule >= 0) {
            rules_->rules_.push_back(std::move(rule));
            rules_->compiled.push_back(std::move(compiled));
        }
        drafts_.push_back(std::move(draft));
    }

    static void check_keys(const YamlNode& document, const YamlEntry& body, const Reporter& report) {
        const bool takes_logsource = body.key == "detection" || body.key == "filter";
        for (const YamlEntry& entry : document.entries)
            if (!has(kCommonKeys, entry.key) && entry.key != body.key &&
                !(entry.key == "logsource" && takes_logsource))
                report(entry.place, "unknown key '" + entry.key + "'");
        if (body.key == "detection" && document.find("logsource") == nullptr)
            report(document.place, "`logsource` is missing");
    }

    Rule read_head(const YamlNode& document, const Source& source, const Reporter& report) {
        Rule rule;
        const auto text = [&](std::string_view key) -> std::string {
            const YamlEntry* entry = document.find(key);
            if (entry == nullptr) return {};
            if (!entry->value.is_scalar())
                report(entry->value.place, "'" + std::string(key) + "' must be text");
            return entry->value.text;
        };
        const auto one_of = [&](std::string_view key, const auto& choices) {
            const YamlEntry* entry = document.find(key);
            if (entry != nullptr && !has(choices, entry->value.text))
                report(entry->value.place,
                       "there is no " + std::string(key) + " '" + entry->value.text + "'");
        };
        rule.title = text("title");
        rule.id = text("id");
        rule.name = text("name");
        rule.level = text("level");
        rule.key = !rule.id.empty() ? rule.id : !rule.name.empty() ? rule.name : rule.title;
        if (rule.title.empty()) report(document.place, "`title` is missing");
        one_of("level", kLevels);
        one_of("status", kStatuses);
        if (const YamlEntry* references = document.find("references"))
            rule.references = read_texts(*references, report);
        rule.version = to_hex(sha256(bytes_of(source.text)));
        rule.file = source.file;
        rule.line = document.place.line;
        return rule;
    }

    static void read_logsource(const YamlNode& document, Draft& draft, const Reporter& report) {
        const YamlEntry* entry = document.find("logsource");
        if (entry == nullptr) return;
        if (!entry->value.is_map() && !entry->value.is_null())
            return report(entry->value.place, "`logsource` must be a map");
        for (const YamlEntry& part : entry->value.entries) {
            if (part.key == "product")
                draft.logsource.product = part.value.text;
            else if (part.key == "category")
                draft.logsource.category = part.value.text;
            else if (part.key == "service")
                draft.logsource.service = part.value.text;
            else if (part.key != "definition")
                report(part.place, "`logsource` has no entry '" + part.key + "'");
            if (!part.value.is_scalar() || part.value.text.empty())
                report(part.value.place, "'" + part.key + "' must be text");
            if (part.key == "category" && draft.logsource.product == kProduct &&
                !FieldCatalogue(part.value.text).category_exists())
                report(part.value.place, "no event type belongs to the category '" + part.value.text + "'");
        }
    }

    DetectionSpec read_detection(const YamlEntry& body, Draft& draft, const Reporter& report,
                                 const FieldCatalogue& catalogue) {
        DetectionSpec spec;
        spec.logsource = draft.logsource;
        const bool ours = draft.logsource.product == kProduct && catalogue.category_exists();
        auto expression = compile_detection("detection", body.value, {},
                                            {rules_->table, report, ours ? &catalogue : nullptr,
                                             placeholders_, draft.rule, &draft.block.slots});
        if (expression) spec.expression = std::move(*expression);
        if (draft.block.clear)
            draft.references.push_back({draft.block.clear->rule, draft.block.clear->place});
        return spec;
    }

    void read_filter(const YamlEntry& body, Draft& draft, const Reporter& report,
                     const FieldCatalogue& catalogue) {
        const bool ours = draft.logsource.product == kProduct && catalogue.category_exists();
        auto expression = compile_detection(
            "filter", body.value, {"rules"},
            {rules_->table, report, ours ? &catalogue : nullptr, placeholders_, -1, nullptr});
        if (expression) draft.filter = std::move(*expression);
        const YamlEntry* names = body.value.find("rules");
        draft.filters_all = names == nullptr || names->value.text == "any" ||
                            (names->value.is_list() && names->value.items.empty());
        if (!draft.filters_all) draft.references = read_references(*names, report);
    }

    static std::vector<Reference> read_references(const YamlEntry& entry, const Reporter& report) {
        std::vector<Reference> references;
        const auto take = [&](const YamlNode& node) {
            if (node.is_scalar() && !node.text.empty())
                references.push_back({node.text, node.place});
            else
                report(node.place, "'" + entry.key + "' names rules by id or name");
        };
        if (entry.value.is_list())
            for (const YamlNode& item : entry.value.items)
                take(item);
        else
            take(entry.value);
        return references;
    }

    // The timespan of a document, and the parameter that may set it.
    static Timespan read_timespan(const YamlEntry& entry, const std::string& path, Draft& draft,
                                  const Reporter& report) {
        Timespan timespan;
        const auto value = parse_timespan(entry.value.text);
        if (!value || value->count() == 0) {
            report(entry.value.place, "'" + entry.value.text + "' is no duration such as 30s, 5m, 24h or 7d");
            return timespan;
        }
        timespan.value = *value;
        if (const auto slot = draft.block.slots.find(path); slot != draft.block.slots.end()) {
            slot->second.bound = true;
            slot->second.value = static_cast<double>(value->count()) / 1000.0;
            timespan.parameter = slot->second.parameter;
        }
        return timespan;
    }

    // Where the document is one of ours, its groups are made of our fields.
    static std::vector<std::string> read_group_by(const YamlEntry& entry, const Draft& draft,
                                                  const Reporter& report) {
        auto fields = read_texts(entry, report);
        if (draft.ours)
            for (const std::string& field : fields)
                if (!FieldCatalogue("").knows(field))
                    report(entry.value.place, "unknown field '" + field + "'");
        return fields;
    }

    static bool flag_of_entry(const YamlEntry& entry, const Reporter& report) {
        const Value value = entry.value.scalar();
        if (value.as<bool>() == nullptr)
            report(entry.value.place, "'" + entry.key + "' must be true or false");
        return value.as<bool>() != nullptr && *value.as<bool>();
    }

    AbsenceSpec read_absence(const YamlEntry& body, Draft& draft, const Reporter& report) {
        AbsenceSpec spec;
        const YamlEntry* needed[4] = {};
        constexpr std::string_view kNeeded[] = {"after", "without", "group-by", "timespan"};
        for (const YamlEntry& entry : body.value.entries) {
            const auto* at = std::find(std::begin(kNeeded), std::end(kNeeded), entry.key);
            if (at != std::end(kNeeded))
                needed[at - std::begin(kNeeded)] = &entry;
            else if (entry.key == "generate")
                draft.generate = flag_of_entry(entry, report);
            else
                report(entry.place, "`absence` has no entry '" + entry.key + "'");
        }
        for (std::size_t i = 0; i < 4; ++i)
            if (needed[i] == nullptr) report(body.place, "`absence` needs '" + std::string(kNeeded[i]) + "'");
        if (std::any_of(std::begin(needed), std::end(needed),
                        [](const auto* entry) { return entry == nullptr; }))
            return spec;
        draft.references = {{needed[0]->value.text, needed[0]->value.place},
                            {needed[1]->value.text, needed[1]->value.place}};
        spec.state.group_by = read_group_by(*needed[2], draft, report);
        spec.state.timespan = read_timespan(*needed[3], "absence.timespan", draft, report);
        return spec;
    }

    CorrelationSpec read_correlation(const YamlEntry& body, Draft& draft, const Reporter& report) {
        CorrelationSpec spec;
        const YamlEntry* condition = nullptr;
        bool has_type = false, has_timespan = false;
        for (const YamlEntry& entry : body.value.entries) {
            if (entry.key == "type") {
                read_type(entry, spec, report);
                has_type = true;
            } else if (entry.key == "rules")
                draft.references = read_references(entry, report);
            else if (entry.key == "group-by")
                spec.group_by = read_group_by(entry, draft, report);
            else if (entry.key == "timespan") {
                spec.timespan = read_timespan(entry, "correlation.timespan", draft, report);
                has_timespan = true;
            } else if (entry.key == "condition")
                condition = &entry;
            else if (entry.key == "aliases")
                draft.aliases = &entry.value;
            else if (entry.key == "generate")
                draft.generate = flag_of_entry(entry, report);
            else
                report(entry.place, "`correlation` has no entry '" + entry.key + "'");
        }
        if (!has_type || !has_timespan || draft.references.empty())
            report(body.place, "`correlation` needs `type`, `rules` and `timespan`");
        if (draft.references.size() > 60) report(body.place, "a correlation takes at most 60 rules");
        for (const Reference& reference : draft.references)
            spec.part_names.push_back(reference.name);
        if (condition != nullptr) read_count_condition(*condition, spec, draft, report);
        check_condition(body, condition, spec, report);
        return spec;
    }

    static void read_type(const YamlEntry& entry, CorrelationSpec& spec, const Reporter& report) {
        constexpr std::string_view kTypes[] = {"event_count",      "value_count", "temporal",
                                               "temporal_ordered", "value_sum",   "value_avg",
                                               "value_percentile", "value_median"};
        const auto* at = std::find(std::begin(kTypes), std::end(kTypes), entry.value.text);
        if (at == std::end(kTypes))
            return report(entry.value.place, "there is no correlation type '" + entry.value.text + "'");
        spec.type = static_cast<CorrelationType>(at - std::begin(kTypes));
    }

    static void read_count_condition(const YamlEntry& condition, CorrelationSpec& spec, Draft& draft,
                                     const Reporter& report) {
        if (condition.value.is_scalar()) return read_temporal_condition(condition.value, spec, report);
        constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
            {"gt", Comparison::greater}, {"gte", Comparison::greater_or_equal},
            {"lt", Comparison::less},    {"lte", Comparison::less_or_equal},
            {"eq", Comparison::equal},   {"neq", Comparison::not_equal}};
        for (const YamlEntry& entry : condition.value.entries) {
            const auto* comparison =
                std::find_if(std::begin(kComparisons), std::end(kComparisons),
                             [&](const auto& candidate) { return candidate.first == entry.key; });
            if (comparison != std::end(kComparisons)) {
                const auto number =
                    entry.value.is_scalar() ? number_of_scalar(entry.value.scalar()) : std::nullopt;
                if (!number) {
                    report(entry.value.place, "a number is needed here");
                    continue;
                }
                CountCondition count{comparison->second, *number, -1};
                if (const auto slot = draft.block.slots.find("correlation.condition." + entry.key);
                    slot != draft.block.slots.end()) {
                    slot->second.bound = true;
                    slot->second.value = *number;
                    count.parameter = slot->second.parameter;
                }
                spec.conditions.push_back(count);
            } else if (entry.key == "field") {
                spec.value_fields = read_texts(entry, report);
            } else if (entry.key == "percentile") {
                spec.percentile = number_of_scalar(entry.value.scalar()).value_or(50);
            } else {
                report(entry.place, "`condition` has no entry '" + entry.key + "'");
            }
        }
    }

    // The boolean condition of the coming 2.2, without `not`, which could only be judged when the window has
    // passed.
    static void read_temporal_condition(const YamlNode& node, CorrelationSpec& spec, const Reporter& report) {
        auto parsed = parse_condition(node.text);
        if (const auto* fault = std::get_if<ConditionFault>(&parsed))
            return report({node.place.line, node.place.column + fault->offset}, fault->message);
        const auto& expression = std::get<Condition>(parsed);
        check_temporal_names(expression, node, spec, report);
        spec.expression = expression;
    }

    static void check_temporal_names(const Condition& condition, const YamlNode& node,
                                     const CorrelationSpec& spec, const Reporter& report) {
        const Place place{node.place.line, node.place.column + condition.offset};
        if (condition.operation == Condition::Operation::negation ||
            condition.operation == Condition::Operation::of)
            report(place, "`not` and `of` are not taken in a correlation's condition");
        if (condition.operation == Condition::Operation::name && !has(spec.part_names, condition.name))
            report(place, "condition: '" + condition.name + "' is none of the rules above");
        for (const Condition& operand : condition.operands)
            check_temporal_names(operand, node, spec, report);
    }

    static void check_condition(const YamlEntry& body, const YamlEntry* condition,
                                const CorrelationSpec& spec, const Reporter& report) {
        const bool temporal =
            spec.type == CorrelationType::temporal || spec.type == CorrelationType::temporal_ordered;
        const bool counts_values = !temporal && spec.type != CorrelationType::event_count;
        if (!temporal && spec.conditions.empty())
            report(condition != nullptr ? condition->place : body.place,
                   "`condition` needs a number to compare with");
        if (!temporal && spec.expression)
            report(condition->place, "only temporal correlations take a condition in words");
        if (counts_values == spec.value_fields.empty())
            report(condition != nullptr ? condition->place : body.place,
                   counts_values ? "`condition` needs a `field`"
                                 : "`field` says nothing in this type of correlation");
        if (spec.type == CorrelationType::temporal_ordered && spec.expression)
            report(condition->place, "an ordered correlation takes no condition in words");
    }

    // Parameters take their value from where they are bound; one that sets nothing is a fault.
    static void settle_parameters(Draft& draft, const Reporter& report, Rule& rule) {
        for (const auto& [path, slot] : draft.block.slots) {
            if (slot.bound)
                rule.parameters[static_cast<std::size_t>(slot.parameter)].value = slot.value;
            else
                report(draft.block.slot_places.at(path), "there is no number at '" + path + "'");
        }
    }

    // --- step 2: references
    // -----------------------------------------------------------------------------------

    void check_names() {
        for (const Draft& draft : drafts_) {
            if (draft.rule < 0) continue;
            const Rule& rule = rules_->rules_[static_cast<std::size_t>(draft.rule)];
            std::set<std::string> names{rule.key};
            for (const std::string& name : {rule.id, rule.name})
                if (!name.empty()) names.insert(name);
            for (const std::string& name : names)
                if (const auto [at, is_new] = by_name_.emplace(name, draft.rule); !is_new) {
                    const Rule& first = rules_->rules_[static_cast<std::size_t>(at->second)];
                    Reporter(draft.file, faults_)(draft.place, "'" + name + "' already names the rule at " +
                                                                   first.file + ":" +
                                                                   std::to_string(first.line));
                }
        }
    }

    // -1 after a fault.
    int find(const Reference& reference, const Draft& draft) {
        const auto at = by_name_.find(reference.name);
        if (at != by_name_.end()) return at->second;
        Reporter(draft.file, faults_)(reference.place, "there is no rule '" + reference.name + "'");
        return -1;
    }

    void resolve(Draft& draft) {
        std::vector<int> found;
        for (const Reference& reference : draft.references)
            found.push_back(find(reference, draft));
        if (draft.rule < 0 || std::find(found.begin(), found.end(), -1) != found.end()) return;
        CompiledRule& compiled = rules_->compiled[static_cast<std::size_t>(draft.rule)];
        const Reporter report(draft.file, faults_);
        if (auto* absence = std::get_if<AbsenceSpec>(&compiled.body);
            absence != nullptr && found.size() == 2) {
            absence->state.after = found[0];
            absence->state.without = found[1];
        } else if (auto* detection = std::get_if<DetectionSpec>(&compiled.body)) {
            resolve_detection(*detection, draft, found);
        } else if (auto* correlation = std::get_if<CorrelationSpec>(&compiled.body)) {
            correlation->parts = found;
            resolve_fields(*correlation, draft);
            for (const int part : std::set<int>(found.begin(), found.end()))
                rules_->compiled[static_cast<std::size_t>(part)].consumers.push_back(draft.rule);
        }
        if (draft.kind == Kind::correlation) return;
        for (std::size_t i = 0; i < found.size(); ++i)
            if (!std::holds_alternative<DetectionSpec>(
                    rules_->compiled[static_cast<std::size_t>(found[i])].body))
                report(draft.references[i].place, "'" + draft.references[i].name + "' must be a detection");
    }

    void resolve_detection(DetectionSpec& detection, const Draft& draft, const std::vector<int>& found) {
        const Rule& rule = rules_->rules_[static_cast<std::size_t>(draft.rule)];
        if (!rule.catalogue_id.empty()) {
            detection.group_by = {"terminal_id"};
            for (const std::string& field : rule.object_fields)
                if (!has(detection.group_by, field)) detection.group_by.push_back(field);
        }
        if (found.size() == 1)
            detection.state = StateSpec{draft.rule, found[0], draft.block.clear->group_by, {}};
    }

    void resolve_fields(CorrelationSpec& spec, const Draft& draft) {
        spec.field_of.assign(spec.parts.size(), spec.group_by);
        if (draft.aliases == nullptr) return;
        const Reporter report(draft.file, faults_);
        for (const YamlEntry& alias : draft.aliases->entries) {
            const auto at = std::find(spec.group_by.begin(), spec.group_by.end(), alias.key);
            if (at == spec.group_by.end()) {
                report(alias.place, "the alias '" + alias.key + "' is not in `group-by`");
                continue;
            }
            for (const YamlEntry& entry : alias.value.entries) {
                const int rule = find({entry.key, entry.place}, draft);
                const auto part = std::find(spec.parts.begin(), spec.parts.end(), rule);
                if (rule >= 0 && part == spec.parts.end())
                    report(entry.place, "'" + entry.key + "' is none of the rules above");
                else if (rule >= 0)
                    spec.field_of[static_cast<std::size_t>(part - spec.parts.begin())]
                                 [static_cast<std::size_t>(at - spec.group_by.begin())] = entry.value.text;
            }
        }
    }

    // --- step 3: what follows
    // ---------------------------------------------------------------------------------

    static bool covers(const LogsourceFilter& filter, const LogsourceFilter& rule) {
        const auto fits_part = [](const std::string& wanted, const std::string& given) {
            return wanted.empty() || wanted == given;
        };
        return fits_part(filter.product, rule.product) && fits_part(filter.category, rule.category) &&
               fits_part(filter.service, rule.service);
    }

    void apply_filters() {
        for (const Draft& filter : drafts_) {
            if (filter.kind != Kind::filter) continue;
            for (const Draft& draft : drafts_) {
                if (draft.kind != Kind::detection || !covers(filter.logsource, draft.logsource)) continue;
                const bool named = std::any_of(
                    filter.references.begin(), filter.references.end(),
                    [&](const Reference& reference) { return by_name_.at(reference.name) == draft.rule; });
                if (!filter.filters_all && !named) continue;
                auto& expression =
                    std::get<DetectionSpec>(rules_->compiled[static_cast<std::size_t>(draft.rule)].body)
                        .expression;
                expression = Expression::all_of({std::move(expression), filter.filter});
            }
        }
    }

    // A detection or absence that only feeds others raises nothing itself, unless one of those says
    // `generate: true`. A correlation always speaks: whoever counts its findings does not replace them.
    void decide_what_generates() {
        std::map<int, bool> wanted;
        for (const Draft& draft : drafts_) {
            if (draft.rule < 0) continue;
            for (const Reference& reference : draft.references)
                wanted[by_name_.at(reference.name)] |= draft.generate.value_or(false);
        }
        for (const auto& [rule, generates] : wanted)
            if (!std::holds_alternative<CorrelationSpec>(
                    rules_->compiled[static_cast<std::size_t>(rule)].body))
                rules_->rules_[static_cast<std::size_t>(rule)].generates = generates;
        for (const Draft& draft : drafts_) {
            if (draft.rule < 0 || !draft.ours) continue;
            // Ours without a catalogue id only feeds others, whatever those say of the rest of their rules.
            Rule& rule = rules_->rules_[static_cast<std::size_t>(draft.rule)];
            if (rule.catalogue_id.empty() && !wanted.contains(draft.rule))
                Reporter(draft.file, faults_)(
                    draft.place,
                    "no rule uses this one, and without `sallyport.catalogue` it raises nothing");
            rule.generates = rule.generates && !rule.catalogue_id.empty();
        }
    }

    void check_circles_and_fingerprint() {
        std::vector<int> state(rules_->compiled.size(), 0);  // 0 not seen, 1 being followed, 2 done
        for (const Draft& draft : drafts_)
            if (draft.rule >= 0) follow(draft.rule, state);
    }

    void follow(int number, std::vector<int>& state) {
        auto& compiled = rules_->compiled[static_cast<std::size_t>(number)];
        auto& mark = state[static_cast<std::size_t>(number)];
        if (mark == 2) return;
        const Rule& rule = rules_->rules_[static_cast<std::size_t>(number)];
        if (mark == 1) {
            faults_.push_back({rule.file, rule.line, 1, "the correlation leads back to itself"});
            return;
        }
        mark = 1;
        std::string text = rule.version + ":" + rule.key;
        for (const int part : rests_on(compiled, number)) {
            follow(part, state);
            text += "," + rules_->compiled[static_cast<std::size_t>(part)].fingerprint;
        }
        compiled.fingerprint = to_hex(sha256(bytes_of(text)));
        mark = 2;
    }

    static std::vector<int> rests_on(const CompiledRule& compiled, int number) {
        if (const auto* correlation = std::get_if<CorrelationSpec>(&compiled.body)) return correlation->parts;
        const StateSpec* spec = compiled.state();
        if (spec == nullptr) return {};
        return spec->after == number ? std::vector<int>{spec->without}
                                     : std::vector<int>{spec->after, spec->without};
    }

    const std::vector<Source>& sources_;
    const PlaceholderSource& placeholders_;
    std::vector<std::vector<YamlNode>> trees_;
    std::vector<Fault> faults_;
    std::vector<Draft> drafts_;
    std::map<std::string, int> by_name_;
    std::shared_ptr<CompiledRules> rules_ = std::make_shared<CompiledRules>();
};

}  // namespace

std::string Fault::text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + message;
}

bool is_tightening(const Parameter& parameter, double value) {
    return parameter.tighter == Tighter::lower ? value <= parameter.value : value >= parameter.value;
}

std::variant<std::shared_ptr<const RuleSet>, std::vector<Fault>> RuleSet::load(
    const std::vector<Source>& sources, const PlaceholderSource& placeholders) {
    return Loader(sources, placeholders).load();
}

}  // namespace sallyport::rules
