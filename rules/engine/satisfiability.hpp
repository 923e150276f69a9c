// SPDX-License-Identifier: Apache-2.0
//
// Whether any event at all can match a detection: an author's selections may contradict each other.
#pragma once

#include <optional>
#include <string>

#include "rules/engine/expression.hpp"

namespace sallyport::rules {

struct Contradiction {
    std::string what;      // what an event would have to be, in words
    bool certain = false;  // false: a field with several values at once could be that
};

// Nothing where an event may match, or where finding out would take too long.
[[nodiscard]] std::optional<Contradiction> why_never(const Expression& expression,
                                                     const PredicateTable& table);

}  // namespace sallyport::rules
