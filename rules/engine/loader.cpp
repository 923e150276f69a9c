// SPDX-License-Identifier: Apache-2.0
//
// Reads documents into a rule set, in three steps: each document by itself, then the references between them,
// then what follows from those (which rules raise findings, filters, fingerprints). Faults are gathered, not
// thrown: an author sees all of them at once.
#include <algorithm>
#include <map>
#include <set>

#include "protocol/catalogue.hpp"
#include "protocol/crypto.hpp"
#include "rules/engine/condition_parser.hpp"
#include "rules/engine/document_draft.hpp"
#include "rules/engine/rule_collection.hpp"
#include "rules/engine/satisfiability.hpp"

namespace sallyport::rules {
namespace {

constexpr std::string_view kCommonKeys[] = {
    "title", "id", "related", "name", "taxonomy", "status", "description", "license", "author", "references",
    "date", "modified", "level", "tags", "scope", "falsepositives", "fields", "sallyport",
    // SigmaHQ's own, beside the specification: where the rule's regression test and simulation are.
    "regression_tests_path", "simulation"};
// Of Sigma before version 2, with a meaning that would be lost.
constexpr std::string_view kFormerKeys[] = {"timeframe"};
constexpr std::string_view kLevels[] = {"informational", "low", "medium", "high", "critical"};
constexpr std::string_view kStatuses[] = {"stable", "test", "experimental", "deprecated", "unsupported"};
constexpr std::string_view kProduct = "sallyport";

template <class Range, class Item>
bool has(const Range& range, const Item& item) {
    return std::find(std::begin(range), std::end(range), item) != std::end(range);
}

// Everything a document says, without its layout and comments.
void write_canonical(const YamlNode& node, std::string& out) {
    out += node.is_scalar() ? (node.quoted ? "'" : "s") : node.is_list() ? "[" : "{";
    out += std::to_string(node.text.size()) + ":" + node.text;
    for (const YamlNode& item : node.items)
        write_canonical(item, out);
    for (const YamlEntry& entry : node.entries) {
        out += "," + std::to_string(entry.key.size()) + ":" + entry.key;
        write_canonical(entry.value, out);
    }
    out += ";";
}

class Loader {
public:
    Loader(const std::vector<Source>& sources, const PlaceholderSource& placeholders)
        : sources_(sources),
          memory_(placeholders),
          placeholders_([this](std::string_view name) { return memory_.values_of(name); }) {}

    std::variant<std::shared_ptr<const RuleSet>, std::vector<Fault>> load() {
        for (const Source& source : sources_)
            trees_.push_back(
                expand_collection(parse_yaml(source, faults_), Reporter(source.file, faults_)));
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            version_ = to_hex(sha256(bytes_of(sources_[i].text)));
            for (const YamlNode& document : trees_[i])
                read_document(sources_[i], document);
        }
        check_names();
        for (Draft& draft : drafts_)
            resolve(draft);
        if (faults_.empty()) apply_filters();
        if (faults_.empty()) decide_what_generates();
        if (faults_.empty()) check_circles_and_fingerprint();
        if (!faults_.empty()) {
            sort(faults_);
            return std::move(faults_);
        }
        sort(rules_->warnings_);
        rules_->lists_ = memory_.lists();
        return std::shared_ptr<const RuleSet>(std::move(rules_));
    }

private:
    static void sort(std::vector<Fault>& faults) {
        std::stable_sort(faults.begin(), faults.end(), [](const Fault& a, const Fault& b) {
            return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
        });
    }

    // --- step 1: one document
    // ---------------------------------------------------------------------------------

    void read_document(const Source& source, const YamlNode& document) {
        const Reporter report(source.file, faults_, &rules_->warnings_);
        if (!document.is_map()) return report(document.place, "a rule must be a map");
        const std::pair<std::string_view, DocumentKind> kinds[] = {{"detection", DocumentKind::detection},
                                                                   {"correlation", DocumentKind::correlation},
                                                                   {"absence", DocumentKind::absence},
                                                                   {"filter", DocumentKind::filter}};
        Draft draft;
        draft.file = source.file;
        draft.place = document.place;
        draft.document = &document;
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
        Rule rule = read_head(document, source, report);
        read_logsource(document, draft, report);
        check_keys(document, *body, draft, report);
        FieldCatalogue catalogue(draft.logsource.category);
        if (const YamlEntry* block = document.find("sallyport"))
            draft.block = read_sallyport_block(*block, catalogue, report, rule);
        draft.ours = draft.logsource.product == kProduct || !rule.catalogue_id.empty();
        if (draft.block.clear && draft.kind != DocumentKind::detection)
            report(draft.block.clear->place, "only a detection has a `clear` rule");
        rule.state_alert = rule.state_alert || draft.kind == DocumentKind::absence;
        draft.rule = draft.kind == DocumentKind::filter ? -1 : static_cast<int>(rules_->rules_.size());
        CompiledRule compiled;
        switch (draft.kind) {
            case DocumentKind::detection:
                compiled.body = read_detection(*body, draft, report, catalogue);
                break;
            case DocumentKind::correlation:
                compiled.body = read_correlation(*body, draft, report);
                break;
            case DocumentKind::absence:
                compiled.body = read_absence(*body, draft, report);
                break;
            case DocumentKind::filter:
                read_filter(*body, draft, report, catalogue);
                break;
        }
        settle_parameters(draft, report, rule);
        const auto lists = memory_.take_names();
        (draft.rule >= 0 ? rule.lists : draft.lists).assign(lists.begin(), lists.end());
        if (draft.rule >= 0) {
            rules_->rules_.push_back(std::move(rule));
            rules_->compiled.push_back(std::move(compiled));
        }
        drafts_.push_back(std::move(draft));
    }

    // The specification lets authors add keys of their own. In our rules they are typing errors; in those of
    // others they are said to say nothing, unless they once did.
    static void check_keys(const YamlNode& document, const YamlEntry& body, const Draft& draft,
                           const Reporter& report) {
        const bool takes_logsource = body.key == "detection" || body.key == "filter";
        const bool ours = draft.logsource.product == kProduct || draft.kind == DocumentKind::absence ||
                          document.find("sallyport") != nullptr;
        for (const YamlEntry& entry : document.entries) {
            if (has(kCommonKeys, entry.key) || entry.key == body.key ||
                (entry.key == "logsource" && takes_logsource))
                continue;
            if (ours || entry.key == "logsource" || has(kFormerKeys, entry.key))
                report(entry.place, "unknown key '" + entry.key + "'");
            else
                report.warn(entry.place, "the key '" + entry.key + "' is not Sigma's and says nothing here");
        }
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
        rule.version = version_;
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
        if (expression) {
            check_contradictions(*expression, body.place, ours, report);
            spec.expression = std::move(*expression);
        }
        if (draft.block.clear)
            draft.references.push_back(
                {draft.block.clear->rule, draft.block.clear->place, Reference::Use::clear});
        return spec;
    }

    void check_contradictions(const Expression& expression, Place place, bool ours,
                              const Reporter& report) const {
        const auto contradiction = why_never(expression, rules_->table);
        if (!contradiction) return;
        if (!contradiction->certain)
            report.warn(place, "this matches only where a field has several values: " + contradiction->what);
        else if (ours)
            report(place, "this can never match: " + contradiction->what);
        else
            report.warn(place, "this can never match: " + contradiction->what);
    }

    // Authors of filters mean to exclude; Sigma adds their condition as it is written.
    static void warn_of_polarity(const YamlEntry& body, const Reporter& report) {
        const YamlEntry* condition = body.value.find("condition");
        if (condition == nullptr || !condition->value.is_scalar()) return;
        const auto parsed = parse_condition(condition->value.text);
        if (const auto* wanted = std::get_if<Condition>(&parsed); wanted != nullptr && !has_negation(*wanted))
            report.warn(condition->value.place,
                        "this filter keeps only what its condition matches: to exclude that, write `not`");
    }

    static bool has_negation(const Condition& condition) {
        return condition.operation == Condition::Operation::negation ||
               std::any_of(condition.operands.begin(), condition.operands.end(), has_negation);
    }

    void read_filter(const YamlEntry& body, Draft& draft, const Reporter& report,
                     const FieldCatalogue& catalogue) {
        if (body.value.is_map()) warn_of_polarity(body, report);
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
        if (auto* absence = std::get_if<AbsenceSpec>(&compiled.body)) {
            resolve_absence(*absence, draft, found);
        } else if (auto* detection = std::get_if<DetectionSpec>(&compiled.body)) {
            resolve_detection(*detection, draft, found);
        } else if (auto* correlation = std::get_if<CorrelationSpec>(&compiled.body)) {
            correlation->parts = found;
            resolve_fields(*correlation, draft);
            for (const int part : std::set<int>(found.begin(), found.end()))
                rules_->compiled[static_cast<std::size_t>(part)].consumers.push_back(draft.rule);
        }
        if (draft.kind == DocumentKind::correlation) return;
        const Reporter report(draft.file, faults_);
        for (std::size_t i = 0; i < found.size(); ++i)
            if (!is_detection(found[i]))
                report(draft.references[i].place, "'" + draft.references[i].name + "' must be a detection");
    }

    [[nodiscard]] bool is_detection(int rule) const {
        return std::holds_alternative<DetectionSpec>(rules_->compiled[static_cast<std::size_t>(rule)].body);
    }
    [[nodiscard]] const DetectionSpec& detection(int rule) const {
        return std::get<DetectionSpec>(rules_->compiled[static_cast<std::size_t>(rule)].body);
    }

    void resolve_absence(AbsenceSpec& absence, const Draft& draft, const std::vector<int>& found) {
        for (std::size_t i = 0; i < found.size(); ++i) {
            const Reference& reference = draft.references[i];
            if (reference.use == Reference::Use::after) absence.state.after = found[i];
            if (reference.use == Reference::Use::without) absence.state.without = found[i];
            if (reference.use != Reference::Use::gate) continue;
            absence.state.gate = found[i];
            if (is_detection(found[i])) check_gate(reference, draft, found[i]);
        }
    }

    // What is asked of a member has to be something that its register knows.
    void check_gate(const Reference& reference, const Draft& draft, int gate) {
        const Reporter report(draft.file, faults_);
        const LogsourceFilter& logsource = detection(gate).logsource;
        if (!logsource.category.empty() || !logsource.service.empty())
            report(reference.place, "'" + reference.name +
                                        "' is asked of a member and not of events: its logsource has no "
                                        "category or service");
        for (const std::string& field : fields_of(detection(gate).expression))
            if (!FieldCatalogue::is_of_member(field))
                report(reference.place,
                       "'" + reference.name + "' asks for '" + field + "', which no member has");
    }

    [[nodiscard]] std::set<std::string> fields_of(const Expression& expression) const {
        std::set<std::string> fields;
        if (expression.operation == Expression::Operation::predicate) {
            const Predicate& predicate =
                rules_->table.predicates()[static_cast<std::size_t>(expression.predicate)];
            fields.insert(predicate.field < 0
                              ? "any field"
                              : rules_->table.fields()[static_cast<std::size_t>(predicate.field)]);
        }
        for (const Expression& operand : expression.operands)
            fields.merge(fields_of(operand));
        return fields;
    }

    void resolve_detection(DetectionSpec& detection, const Draft& draft, const std::vector<int>& found) {
        const Rule& rule = rules_->rules_[static_cast<std::size_t>(draft.rule)];
        if (!rule.catalogue_id.empty()) {
            detection.group_by = {"terminal_id"};
            for (const std::string& field : rule.object_fields)
                if (!has(detection.group_by, field)) detection.group_by.push_back(field);
        }
        if (found.size() == 1)
            detection.state = StateSpec{draft.rule, found[0], draft.block.clear->group_by, {}, {}, -1};
    }

    void resolve_fields(CorrelationSpec& spec, const Draft& draft) {
        spec.field_of.assign(spec.parts.size(), spec.group_by);
        if (draft.aliases == nullptr) return;
        const Reporter report(draft.file, faults_);
        for (const YamlEntry& alias : draft.aliases->value.entries) {
            const auto at = std::find(spec.group_by.begin(), spec.group_by.end(), alias.key);
            if (at == spec.group_by.end()) {
                report(alias.place, "the alias '" + alias.key + "' is not in `group-by`");
                continue;
            }
            if (!alias.value.is_map()) report(alias.value.place, "an alias is a map: rule to field");
            for (const YamlEntry& entry : alias.value.entries) {
                if (!entry.value.is_scalar() || entry.value.text.empty())
                    report(entry.value.place, "'" + entry.key + "' must be the name of a field");
                const int rule = find({entry.key, entry.place}, draft);
                if (rule >= 0 && !has(spec.parts, rule))
                    report(entry.place, "'" + entry.key + "' is none of the rules above");
                for (std::size_t part = 0; part < spec.parts.size(); ++part)
                    if (spec.parts[part] == rule)
                        spec.field_of[part][static_cast<std::size_t>(at - spec.group_by.begin())] =
                            entry.value.text;
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
            if (filter.kind != DocumentKind::filter) continue;
            for (const Draft& draft : drafts_) {
                if (draft.kind != DocumentKind::detection || !covers(filter.logsource, draft.logsource))
                    continue;
                const bool named = std::any_of(
                    filter.references.begin(), filter.references.end(),
                    [&](const Reference& reference) { return by_name_.at(reference.name) == draft.rule; });
                if (!filter.filters_all && !named) continue;
                auto& expression =
                    std::get<DetectionSpec>(rules_->compiled[static_cast<std::size_t>(draft.rule)].body)
                        .expression;
                expression = Expression::all_of({std::move(expression), filter.filter});
                filters_of_[draft.rule].push_back(filter.document);
                take_lists(filter.lists, rules_->rules_[static_cast<std::size_t>(draft.rule)].lists);
            }
        }
    }

    static void take_lists(const std::vector<std::string>& of_filter, std::vector<std::string>& lists) {
        std::set<std::string> all(lists.begin(), lists.end());
        all.insert(of_filter.begin(), of_filter.end());
        lists.assign(all.begin(), all.end());
    }

    // A detection or absence that only feeds others raises nothing itself, unless one of those says
    // `generate: true`. A correlation always speaks: whoever counts its findings does not replace them.
    void decide_what_generates() {
        std::map<int, bool> wanted;
        for (const Draft& draft : drafts_) {
            if (draft.rule < 0) continue;
            for (const Reference& reference : draft.references)
                wanted[by_name_.at(reference.name)] |=
                    draft.generate.value_or(false) && reference.use != Reference::Use::gate;
        }
        for (const auto& [rule, generates] : wanted)
            if (!std::holds_alternative<CorrelationSpec>(
                    rules_->compiled[static_cast<std::size_t>(rule)].body))
                rules_->rules_[static_cast<std::size_t>(rule)].generates = generates;
        for (const Draft& draft : drafts_) {
            const bool feeds = wanted.contains(draft.rule) && rests_on_ours(draft);
            if (draft.rule < 0 || (!draft.ours && !feeds)) continue;
            // Ours without a catalogue id only feeds others, whatever those say of the rest of their rules.
            Rule& rule = rules_->rules_[static_cast<std::size_t>(draft.rule)];
            if (rule.catalogue_id.empty() && !wanted.contains(draft.rule))
                Reporter(draft.file, faults_)(
                    draft.place,
                    "no rule uses this one, and without `sallyport.catalogue` it raises nothing");
            rule.generates = rule.generates && !rule.catalogue_id.empty();
        }
    }

    // A correlation has no logsource to say it by.
    [[nodiscard]] bool rests_on_ours(const Draft& draft) const {
        return draft.rule >= 0 &&
               std::any_of(draft.references.begin(), draft.references.end(), [&](const Reference& reference) {
                   const int other = by_name_.at(reference.name);
                   return std::any_of(drafts_.begin(), drafts_.end(), [&](const Draft& candidate) {
                       return candidate.rule == other && candidate.ours;
                   });
               });
    }

    void check_circles_and_fingerprint() {
        std::vector<int> state(rules_->compiled.size(), 0);  // 0 not seen, 1 being followed, 2 done
        for (const Draft& draft : drafts_)
            if (draft.rule >= 0) documents_[draft.rule] = draft.document;
        for (const auto& [rule, document] : documents_)
            follow(rule, state);
        for (CompiledRule& compiled : rules_->compiled)
            compiled.waits_for_members = waits_for_members(compiled);
    }

    // What the collector itself saw has arrived when it happened; what terminals send may be on its way.
    [[nodiscard]] bool comes_from_members(int rule) const {
        if (!is_detection(rule)) return true;
        const LogsourceFilter& logsource = detection(rule).logsource;
        if (logsource.product != kProduct) return true;
        const auto types = event_types();
        return std::any_of(types.begin(), types.end(), [&](const EventType& type) {
            const auto dot = type.name.find('.');
            return type.origin == Origin::terminal &&
                   (logsource.category.empty() || logsource.category == type.name.substr(0, dot)) &&
                   (logsource.service.empty() || logsource.service == type.name.substr(dot + 1));
        });
    }

    [[nodiscard]] bool waits_for_members(const CompiledRule& compiled) const {
        if (const StateSpec* state = compiled.state())
            return state->timespan.value.count() > 0 && comes_from_members(state->without);
        const auto* correlation = std::get_if<CorrelationSpec>(&compiled.body);
        if (correlation == nullptr) return false;
        return std::any_of(
            correlation->terms.begin(), correlation->terms.end(), [&](const Conjunction& term) {
                return std::any_of(term.without.begin(), term.without.end(), [&](int part) {
                    return comes_from_members(correlation->parts[static_cast<std::size_t>(part)]);
                });
            });
    }

    void follow(int number, std::vector<int>& state) {
        auto& compiled = rules_->compiled[static_cast<std::size_t>(number)];
        auto& mark = state[static_cast<std::size_t>(number)];
        if (mark == 2) return;
        Rule& rule = rules_->rules_[static_cast<std::size_t>(number)];
        if (mark == 1) {
            faults_.push_back({rule.file, rule.line, 1, "the correlation leads back to itself"});
            return;
        }
        mark = 1;
        std::string text = rule.key + "=";
        write_canonical(*documents_.at(number), text);
        for (const YamlNode* filter : filters_of_[number])
            write_canonical(*filter, text);
        // The document alone does not tell what it asks: its placeholders stand for what the lists hold.
        for (const std::string& name : rule.lists)
            text += "%" + name + "%" + memory_.lists().at(name).digest;
        for (const int part : rests_on(compiled, number)) {
            follow(part, state);
            text += "," + rules_->rules_[static_cast<std::size_t>(part)].fingerprint;
        }
        rule.fingerprint = to_hex(sha256(bytes_of(text)));
        mark = 2;
    }

    static std::vector<int> rests_on(const CompiledRule& compiled, int number) {
        if (const auto* correlation = std::get_if<CorrelationSpec>(&compiled.body)) return correlation->parts;
        const StateSpec* spec = compiled.state();
        if (spec == nullptr) return {};
        std::vector<int> rules;
        for (const int rule : {spec->after, spec->without, spec->gate})
            if (rule >= 0 && rule != number) rules.push_back(rule);
        return rules;
    }

    const std::vector<Source>& sources_;
    PlaceholderMemory memory_;
    PlaceholderSource placeholders_;
    std::string version_;  // of the source being read
    std::vector<std::vector<YamlNode>> trees_;
    std::vector<Fault> faults_;
    std::vector<Draft> drafts_;
    std::map<std::string, int> by_name_;
    std::map<int, const YamlNode*> documents_;
    std::map<int, std::vector<const YamlNode*>> filters_of_;
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
