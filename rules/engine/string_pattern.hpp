// SPDX-License-Identifier: Apache-2.0
//
// A Sigma string: literal pieces with `*` (any run) and `?` (one character) between them, matched against a
// whole value. Escaping as in specification 2.1, appendix "Escaping": `\*` and `\?` are literal, `\\` before
// a wildcard or another backslash is one backslash, a lone backslash is itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::rules {

struct PatternPiece {
    enum class Kind { literal, any, one, placeholder };
    Kind kind = Kind::literal;
    std::string text;  // of a literal; of a placeholder its name

    bool operator==(const PatternPiece&) const = default;
};

class StringPattern {
public:
    [[nodiscard]] static StringPattern parse(std::string_view text);
    // With `%name%` as placeholders; `\\%` is a percent sign.
    [[nodiscard]] static StringPattern parse_expandable(std::string_view text);
    [[nodiscard]] static StringPattern literal(std::string text);

    [[nodiscard]] const std::vector<PatternPiece>& pieces() const { return pieces_; }
    [[nodiscard]] bool has_wildcards() const;
    // The text where there are no wildcards.
    [[nodiscard]] std::string plain() const;

    // Two literals side by side become one.
    void append(PatternPiece piece);
    // `*` before or after, unless there is one already.
    void open_start();
    void open_end();
    void fold();  // to compare with folded text
    [[nodiscard]] bool matches(std::string_view text) const;
    // Another spelling of the same pattern is the same key.
    [[nodiscard]] std::string key() const;

private:
    static StringPattern parse(std::string_view text, bool expandable);

    std::vector<PatternPiece> pieces_;
};

}  // namespace sallyport::rules
