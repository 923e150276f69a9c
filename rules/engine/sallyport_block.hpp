// SPDX-License-Identifier: Apache-2.0
//
// The `sallyport:` block of a document: catalogue id, parameters, routing, summary. Format:
// docs/formats/rules.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/engine/detection_compiler.hpp"

namespace sallyport::rules {

struct ClearReference {
    std::string rule;
    std::vector<std::string> group_by;
    Place place;
};

struct SallyportBlock {
    std::optional<ClearReference> clear;
    std::map<std::string, ParameterSlot> slots;  // path -> parameter
    std::map<std::string, Place> slot_places;
};

// Fills in what `rule` says of itself. `catalogue` knows the fields that the summary and the object may name.
[[nodiscard]] SallyportBlock read_sallyport_block(const YamlEntry& entry, const FieldCatalogue& catalogue,
                                                  const Reporter& report, Rule& rule);

// A list of texts, or one text standing for a list of one.
[[nodiscard]] std::vector<std::string> read_texts(const YamlEntry& entry, const Reporter& report);

}  // namespace sallyport::rules
