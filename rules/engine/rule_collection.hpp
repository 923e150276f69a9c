// SPDX-License-Identifier: Apache-2.0
//
// Documents of one file that share what they say (`action:`, the rule collections of Sigma before version 2, which
// rules in use still have):
//
//   global   what follows it has its entries, too; it is no rule itself
//   reset    that ends here
//   repeat   the rule before it once more, with what this document says otherwise
//
// Maps are merged entry by entry, everything else is replaced.
#pragma once

#include <vector>

#include "rules/engine/reporter.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {

// The documents without actions, in their order. Each node keeps the place at which it was written.
[[nodiscard]] std::vector<YamlNode> expand_collection(std::vector<YamlNode> documents, const Reporter& report);

}  // namespace sallyport::rules
