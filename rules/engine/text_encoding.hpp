// SPDX-License-Identifier: Apache-2.0
//
// The encodings that rule values may be searched in: UTF-16, base64 (at any of its three offsets), and the
// dashes that Windows takes for one another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::rules {

enum class Utf16 { little_endian, big_endian, with_mark };

// Nothing where the text is no valid UTF-8.
[[nodiscard]] std::optional<std::string> to_utf16(std::string_view text, Utf16 form);
[[nodiscard]] std::string base64_text(std::string_view text);
// What stays the same of the text's base64 wherever in the encoded whole it begins.
[[nodiscard]] std::vector<std::string> base64_at_offsets(std::string_view text);
// Every spelling with the dash or slash at the start of a word replaced (pySigma: `\B[-/]\b`, five characters
// each).
[[nodiscard]] std::vector<std::string> dash_variants(std::string_view text);

}  // namespace sallyport::rules
