// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rule_loader.hpp"

#include <spdlog/spdlog.h>

#include "collector/registers/register_lists.hpp"
#include "collector/store/register_repository.hpp"
#include "rules/engine/rule_files.hpp"

namespace sallyport::alerts {
namespace {

// An empty register is more often a mistake than a wish, and a rule that names what is allowed would speak of
// everything: whoever wants it so starts the collector anew.
Result<void> check_none_emptied(const rules::RuleSet& before, const rules::RuleSet& after) {
    for (const auto& [name, list] : after.lists()) {
        const auto known = before.lists().find(name);
        if (list.size == 0 && known != before.lists().end() && known->second.size > 0)
            return Error(Errc::refused, "rules: the list %" + name + "% has become empty");
    }
    return {};
}

std::string sentence_of(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "%" : ", %") + name + "%";
    return text;
}

}  // namespace

Result<rules::PlaceholderSource> by_hand_or_register(rules::NamedLists by_hand, rules::PlaceholderSource registers) {
    for (const auto& [name, values] : by_hand)
        if (registers::is_register_list(name))
            return Error(Errc::bad_input, "lists: '" + name + "' is a register's name");
    return rules::lists_before(std::move(by_hand), std::move(registers));
}

RuleLoader::RuleLoader(Files files, Database registers, const Clock& clock)
    : files_(std::move(files)), registers_(std::move(registers)), clock_(clock) {}

Result<RuleLoader::Rules> RuleLoader::load(const rules::RuleSet* in_force) {
    auto sources = rules::read_sources({files_.rules});
    if (!sources) return sources.error();
    auto by_hand = rules::read_lists(files_.lists);
    if (!by_hand) return by_hand.error();
    auto rules = load_with(*by_hand, *sources, in_force);
    if (!rules) return rules;
    sources_ = std::move(*sources);
    by_hand_ = std::move(*by_hand);
    return rules;
}

Result<RuleLoader::Rules> RuleLoader::follow(const rules::RuleSet& in_force) {
    if (in_force.lists().empty()) return Rules();
    auto due = is_due();
    if (!due) return due.error();
    if (!*due) return Rules();
    auto changed = changed_lists(in_force);
    if (!changed) return changed.error();
    if (changed->empty()) return Rules();
    spdlog::info("rules: the registers gave other values for {}: loading the rules anew", sentence_of(*changed));
    return load_with(by_hand_, sources_, &in_force);
}

Result<rules::PlaceholderSource> RuleLoader::lists(const rules::NamedLists& by_hand) {
    return by_hand_or_register(by_hand, [this](std::string_view name) {
        return registers::register_list(registers_, name, clock_.now());
    });
}

Result<bool> RuleLoader::is_due() {
    auto generation = store::register_generation(registers_);
    if (!generation) return generation.error().within("rules");
    const WallTime minute = std::chrono::floor<std::chrono::minutes>(clock_.now());
    if (*generation == generation_ && minute == minute_) return false;
    generation_ = *generation;
    minute_ = minute;
    return true;
}

Result<std::vector<std::string>> RuleLoader::changed_lists(const rules::RuleSet& in_force) {
    auto source = lists(by_hand_);
    if (!source) return source.error();
    std::vector<std::string> changed;
    for (const auto& [name, list] : in_force.lists()) {
        auto values = (*source)(name);
        if (!values) return values.error().within("rules");
        if (!*values || rules::summary_of(**values) != list) changed.push_back(name);
    }
    return changed;
}

Result<RuleLoader::Rules> RuleLoader::load_with(const rules::NamedLists& by_hand,
                                                const std::vector<rules::Source>& sources,
                                                const rules::RuleSet* in_force) {
    auto source = lists(by_hand);
    if (!source) return source.error();
    auto rules = rules::load_rules(sources, *source);
    if (!rules) return rules;
    if (in_force != nullptr) {
        if (auto done = check_none_emptied(*in_force, **rules); !done) return done.error();
        return rules;
    }
    for (const auto& [name, list] : (*rules)->lists())
        if (list.size == 0) spdlog::warn("rules: the list %{}% is empty", name);
    return rules;
}

}  // namespace sallyport::alerts
