// SPDX-License-Identifier: Apache-2.0
//
// A regular expression of a rule, found anywhere in a value. RE2: time linear in the text, whatever the rule
// says.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::rules {

struct RegexFlags {
    bool ignore_case = false;  // |i
    bool multiline = false;    // |m: ^ and $ at each line
    bool dot_all = false;      // |s: . matches a line feed
};

// Immutable and thread-safe once made.
class Re2Pattern {
public:
    [[nodiscard]] static Result<std::shared_ptr<const Re2Pattern>> compile(std::string_view expression,
                                                                           RegexFlags flags);
    virtual ~Re2Pattern() = default;
    [[nodiscard]] virtual bool matches(std::string_view text) const = 0;
    // Folded literals of which every text that matches holds at least one, once its case is folded; none: no
    // such are known.
    [[nodiscard]] virtual const std::vector<std::string>& required() const = 0;
};

}  // namespace sallyport::rules
