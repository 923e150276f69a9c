// SPDX-License-Identifier: Apache-2.0
//
// A `detection:` (or `filter:`) block made into one expression over interned predicates.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/engine/expression.hpp"
#include "rules/engine/field_catalogue.hpp"
#include "rules/engine/placeholders.hpp"
#include "rules/engine/reporter.hpp"

namespace sallyport::rules {

// A place in a document whose number a site may set: `detection.idle.idle_s|gte`, `absence.timespan`.
struct ParameterSlot {
    int parameter = -1;
    bool bound = false;
    double value = 0;  // what the document says there
};

struct DetectionContext {
    PredicateTable& table;
    const Reporter& report;
    const FieldCatalogue* catalogue = nullptr;  // nullptr: fields are not ours to check
    const PlaceholderSource& placeholders;
    int rule = -1;
    std::map<std::string, ParameterSlot>* slots = nullptr;
};

// Nothing after a fault. `ignored` names entries of the block that are no selections (`condition`, `rules`,
// ...).
[[nodiscard]] std::optional<Expression> compile_detection(const std::string& block_name,
                                                          const YamlNode& block,
                                                          const std::vector<std::string>& ignored,
                                                          DetectionContext context);

}  // namespace sallyport::rules
