// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/rule_lists.hpp"

#include <CLI/CLI.hpp>

#include "collector/alerts/rule_loader.hpp"
#include "collector/registers/register_lists.hpp"

namespace sallyport::ctl {

void RuleLists::add_option(CLI::App& command) {
    command.add_option("--list", given_, "NAME=FILE: what %NAME% stands for in rules, one value a line (repeatable)")
        ->allow_extra_args(false);
}

Result<rules::NamedLists> RuleLists::given_lists() const {
    rules::ListFiles files;
    for (const std::string& given : given_) {
        const auto sign = given.find('=');
        const std::string name = given.substr(0, sign);
        if (sign == std::string::npos || !rules::is_list_name(name))
            return Error(Errc::not_found, "--list " + given + ": must be NAME=FILE");
        if (!files.emplace(name, given.substr(sign + 1)).second)
            return Error(Errc::not_found, "--list " + given + ": %" + name + "% is given twice");
    }
    return rules::read_lists(files);
}

Result<rules::PlaceholderSource> RuleLists::source() {
    auto given = given_lists();
    if (!given)
        return given.error();
    using Values = Result<std::optional<std::vector<std::string>>>;
    return rules::lists_before(std::move(*given), [this](std::string_view name) -> Values {
        if (!kept_) {
            auto kept = kept_lists();
            if (!kept)
                return kept.error();
            kept_ = std::move(*kept);
        }
        return kept_(name);
    });
}

Result<rules::PlaceholderSource> RuleLists::kept_lists() {
    auto files = invocation_.rule_lists();
    if (!files)
        return files.error();
    auto by_hand = rules::read_lists(*files);
    if (!by_hand)
        return by_hand.error();
    return alerts::by_hand_or_register(std::move(*by_hand), [this](std::string_view name) { return in_registers(name); });
}

Result<std::optional<std::vector<std::string>>> RuleLists::in_registers(std::string_view name) {
    if (!registers::is_register_list(name))
        return std::optional<std::vector<std::string>>();
    auto named = invocation_.names_store();
    if (!named)
        return named.error();
    if (!*named)
        return Error(Errc::not_found, "it is a register's, and no store is named: give --config, --store or --list");
    if (!store_) {
        auto opened = invocation_.open_store_for_reading();
        if (!opened)
            return opened.error();
        store_ = std::move(*opened);
    }
    return registers::register_list(*store_, name, invocation_.now());
}

}  // namespace sallyport::ctl
