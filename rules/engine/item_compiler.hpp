// SPDX-License-Identifier: Apache-2.0
//
// One `field|modifiers: values` entry of a selection made into an expression over interned predicates.
#pragma once

#include <optional>
#include <string>

#include "rules/engine/detection_compiler.hpp"
#include "rules/engine/modifiers.hpp"

namespace sallyport::rules {

// Nothing after a fault. `path` is the entry's place in the document, by which a parameter may set its
// number.
[[nodiscard]] std::optional<Expression> compile_item(const DetectionContext& context, const FieldKey& key,
                                                     const std::string& path, const YamlNode& value);

}  // namespace sallyport::rules
