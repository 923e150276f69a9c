// SPDX-License-Identifier: Apache-2.0
//
// Upper and lower case made alike, so that `ИВАНОВ` is found by `иванов`: ASCII on a fast path, beyond it the
// simple case folding of Latin, Greek, Cyrillic and Armenian letters (Unicode CaseFolding.txt, status C).
#pragma once

#include <string>
#include <string_view>

namespace sallyport::rules {

[[nodiscard]] std::string fold_case(std::string_view text);

}  // namespace sallyport::rules
