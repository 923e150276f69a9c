// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/explanation.hpp"

#include <algorithm>

#include "protocol/json.hpp"
#include "rules/engine/event_view.hpp"
#include "rules/engine/item_compiler.hpp"

namespace sallyport::rules {
namespace {

std::string text_at(const YamlNode& document, std::string_view key) {
    const YamlEntry* entry = document.find(key);
    return entry != nullptr && entry->value.is_scalar() ? entry->value.text : std::string();
}

bool is_named(const YamlNode& document, std::string_view name) {
    for (const auto* key : {"id", "name", "title"})
        if (text_at(document, key) == name) return true;
    const YamlEntry* block = document.find("sallyport");
    return block != nullptr && text_at(block->value, "catalogue") == name;
}

LogsourceFilter logsource_of(const YamlNode& document) {
    const YamlEntry* entry = document.find("logsource");
    if (entry == nullptr) return {};
    return {text_at(entry->value, "product"), text_at(entry->value, "category"),
            text_at(entry->value, "service")};
}

// Compiles parts of one document and asks the event about each.
class Inspector {
public:
    Inspector(const Record& event, const PlaceholderSource& placeholders)
        : event_(event), placeholders_(placeholders), report_("", faults_) {}

    bool block_holds(const std::string& name, const YamlNode& block,
                     const std::vector<std::string>& ignored) {
        PredicateTable table;
        const auto expression =
            compile_detection(name, block, ignored, {table, report_, nullptr, placeholders_, -1, nullptr});
        return expression && holds(*expression, table);
    }

    ExplainedSelection look_at(const YamlEntry& entry) {
        ExplainedSelection selection{entry.key, false, {}};
        const bool keywords = !entry.value.is_map() && (!entry.value.is_list() || entry.value.items.empty() ||
                                                        !entry.value.items.front().is_map());
        if (keywords) {
            selection.alternatives.push_back({look_at_item("", entry.value)});
        } else if (entry.value.is_map()) {
            selection.alternatives.push_back(look_at_map(entry.value));
        } else {
            for (const YamlNode& item : entry.value.items)
                selection.alternatives.push_back(
                    item.is_map() ? look_at_map(item) : std::vector<ExplainedItem>{look_at_item("", item)});
        }
        for (const auto& items : selection.alternatives)
            selection.holds |=
                std::all_of(items.begin(), items.end(), [](const auto& item) { return item.holds; });
        return selection;
    }

private:
    std::vector<ExplainedItem> look_at_map(const YamlNode& map) {
        std::vector<ExplainedItem> items;
        for (const YamlEntry& entry : map.entries)
            items.push_back(look_at_item(entry.key, entry.value));
        return items;
    }

    ExplainedItem look_at_item(const std::string& key, const YamlNode& value) {
        ExplainedItem item{key, false, "", {}, {}};
        const auto parsed = parse_field_key(key);
        if (!std::holds_alternative<FieldKey>(parsed)) return item;
        FieldKey field = std::get<FieldKey>(parsed);
        item.has = found_in_event(field.field);
        item.holds = item_holds(field, value);
        field.modifiers.negated = field.modifiers.all = false;
        const std::vector<YamlNode> single{value};
        for (const YamlNode& one : value.is_list() ? value.items : single) {
            item.values.push_back(one.is_null() ? "null" : one.text);
            item.fulfilled.push_back(item_holds(field, one));
        }
        return item;
    }

    bool item_holds(const FieldKey& field, const YamlNode& value) {
        PredicateTable table;
        const auto expression =
            compile_item({table, report_, nullptr, placeholders_, -1, nullptr}, field, "", value);
        return expression && holds(*expression, table);
    }

    bool holds(const Expression& expression, const PredicateTable& table) {
        EventView view(table);
        view.read(event_, {nullptr, true});
        return evaluate(expression, [&](int predicate) {
            return view.holds(table.predicates()[static_cast<std::size_t>(predicate)],
                              [](const NumberTest& test) { return test.threshold; });
        });
    }

    std::string found_in_event(const std::string& field) {
        if (field.empty()) return "the whole event";
        PredicateTable table;
        const int number = table.field(field);
        EventView view(table);
        view.read(event_);
        if (!view.present(number)) return "nothing";
        std::string texts;
        view.any_leaf(number, [&](EventView::Leaf& leaf) {
            texts += (texts.empty() ? "" : ", ") + write_json(Value(view.text(leaf)));
            return false;
        });
        return texts.empty() ? "no value" : texts;
    }

    const Record& event_;
    const PlaceholderSource& placeholders_;
    std::vector<Fault> faults_;
    Reporter report_;
};

bool covers(const LogsourceFilter& filter, const LogsourceFilter& rule) {
    const auto fits_part = [](const std::string& wanted, const std::string& given) {
        return wanted.empty() || wanted == given;
    };
    return fits_part(filter.product, rule.product) && fits_part(filter.category, rule.category) &&
           fits_part(filter.service, rule.service);
}

bool applies(const YamlNode& filter, const YamlNode& rule) {
    const YamlEntry* names = filter.find("filter")->value.find("rules");
    if (!covers(logsource_of(filter), logsource_of(rule))) return false;
    if (names == nullptr || names->value.text == "any") return true;
    if (!names->value.is_list()) return is_named(rule, names->value.text);
    return names->value.items.empty() ||
           std::any_of(names->value.items.begin(), names->value.items.end(),
                       [&](const YamlNode& name) { return is_named(rule, name.text); });
}

std::string condition_text(const YamlNode& node) {
    std::string text = node.text;
    for (const YamlNode& item : node.items)
        text += (text.empty() ? "" : " or ") + item.text;
    return text;
}

}  // namespace

bool Explanation::matches() const {
    return logsource_fits && condition_holds &&
           std::all_of(filters.begin(), filters.end(), [](const auto& filter) { return filter.second; });
}

std::string Explanation::text() const {
    const auto mark = [](bool holds) { return std::string(holds ? "yes  " : "no   "); };
    std::string text = rule + (matches() ? ": matches\n" : ": does not match\n");
    text += mark(logsource_fits) + "logsource\n" + mark(condition_holds) + "condition: " + condition + "\n";
    for (const ExplainedSelection& selection : selections) {
        text += mark(selection.holds) + "selection " + selection.name + "\n";
        for (std::size_t i = 0; i < selection.alternatives.size(); ++i) {
            if (selection.alternatives.size() > 1)
                text += "       alternative " + std::to_string(i + 1) + "\n";
            for (const ExplainedItem& item : selection.alternatives[i]) {
                text += "     " + mark(item.holds) + (item.key.empty() ? "keywords" : item.key) +
                        ", the event has: " + item.has + "\n";
                for (std::size_t v = 0; v < item.values.size(); ++v)
                    text += "            " + mark(item.fulfilled[v]) + item.values[v] + "\n";
            }
        }
    }
    for (const auto& [title, passes] : filters)
        text += mark(passes) + "filter " + title + "\n";
    return text;
}

std::variant<std::vector<Explanation>, std::string> explain(const std::vector<Source>& sources,
                                                            std::string_view rule, const Record& event,
                                                            const std::optional<Logsource>& logsource,
                                                            const PlaceholderSource& placeholders) {
    std::vector<Fault> faults;
    std::vector<YamlNode> documents;
    for (const Source& source : sources)
        for (YamlNode& document : parse_yaml(source, faults))
            if (document.is_map()) documents.push_back(std::move(document));
    std::vector<Explanation> explanations;
    bool named = false;
    for (const YamlNode& document : documents) {
        if (!is_named(document, rule)) continue;
        named = true;
        const YamlEntry* detection = document.find("detection");
        if (detection == nullptr || !detection->value.is_map()) continue;
        Inspector inspector(event, placeholders);
        Explanation explanation;
        explanation.rule =
            text_at(document, "name").empty() ? text_at(document, "title") : text_at(document, "name");
        explanation.logsource_fits = fits(logsource_of(document), logsource);
        explanation.condition_holds = inspector.block_holds("detection", detection->value, {});
        for (const YamlEntry& entry : detection->value.entries)
            if (entry.key == "condition")
                explanation.condition = condition_text(entry.value);
            else
                explanation.selections.push_back(inspector.look_at(entry));
        for (const YamlNode& filter : documents)
            if (filter.find("filter") != nullptr && filter.find("filter")->value.is_map() &&
                applies(filter, document))
                explanation.filters.emplace_back(
                    text_at(filter, "title"),
                    inspector.block_holds("filter", filter.find("filter")->value, {"rules"}));
        explanations.push_back(std::move(explanation));
    }
    if (!explanations.empty()) return explanations;
    return named ? "'" + std::string(rule) + "' is no detection: no single event decides it"
                 : "there is no rule '" + std::string(rule) + "'";
}

}  // namespace sallyport::rules
