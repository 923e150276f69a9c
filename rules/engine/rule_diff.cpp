// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/rule_diff.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "rules/engine/document_diff.hpp"
#include "rules/engine/scalar.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {
namespace {

struct Document {
    YamlNode node;
    std::string file, key;
    const Rule* rule = nullptr;  // nullptr: a filter

    [[nodiscard]] std::string text(std::string_view name) const {
        const YamlEntry* entry = node.find(name);
        return entry != nullptr && entry->value.is_scalar() ? entry->value.text : std::string();
    }
};

std::vector<Document> documents_of(const LoadedRules& loaded) {
    std::vector<Document> documents;
    std::vector<Fault> faults;  // there are none: they were loaded
    for (const Source& source : loaded.sources)
        for (YamlNode& node : parse_yaml(source, faults)) {
            Document document{std::move(node), source.file, {}, nullptr};
            for (const std::string_view name : {"id", "name", "title"})
                if (document.key.empty()) document.key = document.text(name);
            if (document.node.find("filter") == nullptr) document.rule = loaded.rules.find(document.key);
            documents.push_back(std::move(document));
        }
    return documents;
}

const Document* counterpart(const std::vector<Document>& documents, const Document& like) {
    const auto at = std::find_if(documents.begin(), documents.end(), [&](const Document& other) {
        return other.key == like.key && (other.rule == nullptr) == (like.rule == nullptr);
    });
    return at == documents.end() ? nullptr : &*at;
}

// Every text of a document: among them the names of the rules it rests on.
void gather_texts(const YamlNode& node, std::set<std::string>& texts) {
    if (node.is_scalar()) texts.insert(node.text);
    for (const YamlNode& item : node.items)
        gather_texts(item, texts);
    for (const YamlEntry& entry : node.entries)
        gather_texts(entry.value, texts);
}

std::set<std::string> references_of(const Document& document) {
    std::set<std::string> texts;
    for (const std::string_view name : {"correlation", "absence"})
        if (const YamlEntry* entry = document.node.find(name)) gather_texts(entry->value, texts);
    if (const YamlEntry* block = document.node.find("sallyport"); block != nullptr && block->value.is_map())
        if (const YamlEntry* clear = block->value.find("clear")) gather_texts(clear->value, texts);
    return texts;
}

class RuleSetDiff {
public:
    RuleSetDiff(const LoadedRules& before, const LoadedRules& after)
        : before_(before), after_(after), old_(documents_of(before)), new_(documents_of(after)) {}

    std::vector<RuleChange> run() {
        gather_changed_filters();
        std::vector<RuleChange> changes;
        for (const Document& document : new_) {
            const Document* older = counterpart(old_, document);
            RuleChange change = change_of(document, older == nullptr ? RuleChange::Kind::added : RuleChange::Kind::changed);
            if (older != nullptr) change.differences = differences(*older, document);
            if (older != nullptr && change.differences.empty()) continue;
            if (older != nullptr && older->rule != nullptr) change.generates |= older->rule->generates;
            changes.push_back(std::move(change));
        }
        for (const Document& document : old_)
            if (counterpart(new_, document) == nullptr) changes.push_back(change_of(document, RuleChange::Kind::removed));
        return changes;
    }

private:
    static RuleChange change_of(const Document& document, RuleChange::Kind kind) {
        RuleChange change;
        change.kind = kind;
        change.is_filter = document.rule == nullptr;
        change.key = document.key;
        change.title = document.text("title");
        change.file = document.file;
        change.line = document.node.place.line;
        if (document.rule == nullptr) return change;
        change.catalogue_id = document.rule->catalogue_id;
        change.generates = document.rule->generates;
        return change;
    }

    void gather_changed_filters() {
        for (const Document& document : new_)
            if (const Document* older = counterpart(old_, document);
                document.rule == nullptr && (older == nullptr || !diff_documents(older->node, document.node).empty()))
                changed_filters_.push_back(document.text("title"));
        for (const Document& document : old_)
            if (document.rule == nullptr && counterpart(new_, document) == nullptr)
                changed_filters_.push_back(document.text("title"));
    }

    [[nodiscard]] std::vector<RuleDifference> differences(const Document& older, const Document& newer) const {
        auto found = diff_documents(older.node, newer.node);
        if (older.rule == nullptr || newer.rule == nullptr) return found;
        add_parameters(*older.rule, *newer.rule, found);
        add_lists(*older.rule, *newer.rule, found);
        if (older.rule->fingerprint == newer.rule->fingerprint) return found;
        const bool says_the_same = found.empty();
        add_parts(newer, found);
        if (says_the_same && found.empty())
            for (const std::string& title : changed_filters_)
                found.push_back({"rests on", "", "the filter " + title + ", which changed"});
        return found;
    }

    static void add_parameters(const Rule& older, const Rule& newer, std::vector<RuleDifference>& found) {
        for (const Parameter& now : newer.parameters)
            for (const Parameter& then : older.parameters) {
                if (now.name != then.name || now.value == then.value) continue;
                const std::string effect = is_tightening(then, now.value) ? " (stricter)" : " (looser)";
                found.push_back({"parameter " + now.name, text_of_number(then.value), text_of_number(now.value) + effect});
            }
    }

    // Which it asks for, and those that hold something else.
    void add_lists(const Rule& older, const Rule& newer, std::vector<RuleDifference>& found) const {
        const auto has = [](const std::vector<std::string>& names, const std::string& name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        const auto size = [](const PlaceholderList& list) { return std::to_string(list.size) + (list.size == 1 ? " value" : " values"); };
        for (const std::string& name : newer.lists) {
            const PlaceholderList& now = after_.rules.lists().at(name);
            const auto then = before_.rules.lists().find(name);
            if (!has(older.lists, name))
                found.push_back({"list %" + name + "%", "", size(now)});
            else if (then->second != now)
                found.push_back({"list %" + name + "%", size(then->second), size(now) + ", others"});
        }
        for (const std::string& name : older.lists)
            if (!has(newer.lists, name))
                found.push_back({"list %" + name + "%", size(before_.rules.lists().at(name)), ""});
    }

    // The documents it names that are not what they were.
    void add_parts(const Document& newer, std::vector<RuleDifference>& found) const {
        const auto references = references_of(newer);
        for (const Rule& rule : after_.rules.rules()) {
            if (!references.contains(rule.key) && (rule.name.empty() || !references.contains(rule.name))) continue;
            const Rule* then = before_.rules.find(rule.key);
            if (then != nullptr && then->fingerprint != rule.fingerprint)
                found.push_back({"rests on", "", (rule.name.empty() ? rule.title : rule.name) + ", which changed"});
        }
    }

    const LoadedRules &before_, &after_;
    std::vector<Document> old_, new_;
    std::vector<std::string> changed_filters_;
};

}  // namespace

std::string RuleDifference::text() const {
    if (what == "rests on") return what + " " + after;
    if (before.empty()) return what + ": " + after + ", new";
    return after.empty() ? what + ": " + before + ", taken out" : what + ": " + after + ", was " + before;
}

std::vector<RuleChange> diff_rules(const LoadedRules& before, const LoadedRules& after) {
    return RuleSetDiff(before, after).run();
}

}  // namespace sallyport::rules
