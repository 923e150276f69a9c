// SPDX-License-Identifier: Apache-2.0
//
// What `%name%` in rules stands for in a call of sallyportctl: `--list NAME=FILE`, else the configuration's lists, else
// the registers of the store as they stand now. Configuration and store are opened when a rule asks: most ask for no list,
// and are checked where there is neither.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/ctl/invocation.hpp"
#include "rules/engine/placeholders.hpp"

namespace sallyport::ctl {

class RuleLists {
public:
    // The invocation outlives it.
    explicit RuleLists(Invocation& invocation) : invocation_(invocation) {}

    void add_option(CLI::App& command);
    // Goes with this object. Errc::not_found where --list does not say NAME=FILE, or names no file.
    [[nodiscard]] Result<rules::PlaceholderSource> source();

private:
    [[nodiscard]] Result<rules::NamedLists> given_lists() const;
    [[nodiscard]] Result<rules::PlaceholderSource> kept_lists();
    [[nodiscard]] Result<std::optional<std::vector<std::string>>> in_registers(std::string_view name);

    Invocation& invocation_;
    std::vector<std::string> given_;
    rules::PlaceholderSource kept_;  // the configuration's and the registers, once a list was asked for
    std::optional<Database> store_;  // once a register was
};

}  // namespace sallyport::ctl
