// SPDX-License-Identifier: Apache-2.0
//
// A condition as its author wrote it: `selection and not 1 of filter_*`. Loosest first: or, and, not, x of,
// parentheses (Sigma 2.1). What the names stand for is decided by who compiles it.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sallyport::rules {

struct Condition {
    // `of`: at least `count` of the selections that fit the pattern, or all of them where count is kAll.
    enum class Operation { name, of, all, any, negation };
    static constexpr int kAll = -1;

    Operation operation = Operation::name;
    std::string name;  // of the selection, or the pattern; `them` for every one
    int count = kAll;
    int offset = 0;  // of the name in the text, from 0
    std::vector<Condition> operands;
};

struct ConditionFault {
    int offset = 0;
    std::string message;
};

[[nodiscard]] std::variant<Condition, ConditionFault> parse_condition(std::string_view text);

// Whether a selection's name fits `them` or a pattern with `*`. Names that begin with `_` are not among
// `them`.
[[nodiscard]] bool fits(std::string_view pattern, std::string_view name);

}  // namespace sallyport::rules
