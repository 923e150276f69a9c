// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/string_pattern.hpp"

#include <algorithm>

#include "rules/engine/case_fold.hpp"

namespace sallyport::rules {
namespace {

using Kind = PatternPiece::Kind;

bool is_special(char c) {
    return c == '*' || c == '?' || c == '\\';
}

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Bytes of the character at `at`: `?` stands for a character, not for a byte.
std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        ++end;
    return end - at;
}

// Of the name in `%name%` where the text begins with one; 0: it does not.
std::size_t name_length(std::string_view text) {
    if (text.front() != '%') return 0;
    std::size_t end = 1;
    // `%register.field%`: a point stands between two parts of a name.
    while (end < text.size() &&
           (is_name(text[end]) || (text[end] == '.' && end > 1 && text[end - 1] != '.')))
        ++end;
    const bool whole = end < text.size() && text[end] == '%' && text[end - 1] != '.';
    return whole ? end - 1 : 0;
}

}  // namespace

StringPattern StringPattern::parse(std::string_view text) {
    return parse(text, false);
}

StringPattern StringPattern::parse_expandable(std::string_view text) {
    return parse(text, true);
}

StringPattern StringPattern::parse(std::string_view text, bool expandable) {
    StringPattern pattern;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const char next = at + 1 < text.size() ? text[at + 1] : '\0';
        if (c == '\\' && (is_special(next) || (expandable && next == '%'))) {
            pattern.append({Kind::literal, std::string(1, text[++at])});
        } else if (c == '*' || c == '?') {
            pattern.pieces_.push_back({c == '*' ? Kind::any : Kind::one, {}});
        } else if (const auto length = expandable ? name_length(text.substr(at)) : 0; length > 0) {
            pattern.pieces_.push_back({Kind::placeholder, std::string(text.substr(at + 1, length))});
            at += length + 1;
        } else {
            pattern.append({Kind::literal, std::string(1, c)});
        }
    }
    return pattern;
}

void StringPattern::append(PatternPiece piece) {
    if (piece.kind == Kind::literal && piece.text.empty()) return;
    if (piece.kind == Kind::literal && !pieces_.empty() && pieces_.back().kind == Kind::literal)
        pieces_.back().text += piece.text;
    else
        pieces_.push_back(std::move(piece));
}

StringPattern StringPattern::literal(std::string text) {
    StringPattern pattern;
    if (!text.empty()) pattern.pieces_.push_back({Kind::literal, std::move(text)});
    return pattern;
}

bool StringPattern::has_wildcards() const {
    return std::any_of(pieces_.begin(), pieces_.end(),
                       [](const auto& piece) { return piece.kind != Kind::literal; });
}

std::string StringPattern::plain() const {
    std::string text;
    for (const auto& piece : pieces_)
        text += piece.text;
    return text;
}

void StringPattern::open_start() {
    if (pieces_.empty() || pieces_.front().kind != Kind::any)
        pieces_.insert(pieces_.begin(), {Kind::any, {}});
}

void StringPattern::open_end() {
    if (pieces_.empty() || pieces_.back().kind != Kind::any) pieces_.push_back({Kind::any, {}});
}

void StringPattern::fold() {
    for (auto& piece : pieces_)
        if (piece.kind == Kind::literal) piece.text = fold_case(piece.text);
}

// Greedy with one point to go back to, as only the last `*` can ever need another try: linear in practice, at
// worst the product of the two lengths.
bool StringPattern::matches(std::string_view text) const {
    std::size_t piece = 0, at = 0;
    std::size_t star = pieces_.size() + 1, star_at = 0;
    while (piece < pieces_.size() || at < text.size()) {
        if (piece < pieces_.size()) {
            const auto& [kind, literal] = pieces_[piece];
            if (kind == Kind::any) {
                if (piece + 1 == pieces_.size()) return true;
                star = piece++;
                star_at = at;
                continue;
            }
            if (kind == Kind::one && at < text.size()) {
                at += character_length(text, at);
                ++piece;
                continue;
            }
            if (kind == Kind::literal && text.substr(at).starts_with(literal)) {
                at += literal.size();
                ++piece;
                continue;
            }
        }
        if (star > pieces_.size() || star_at >= text.size()) return false;
        star_at += 1;
        if (const auto& next = pieces_[star + 1]; next.kind == Kind::literal) {
            star_at = text.find(next.text, star_at);
            if (star_at == std::string_view::npos) return false;
        }
        at = star_at;
        piece = star + 1;
    }
    return true;
}

std::string StringPattern::key() const {
    std::string key;
    for (const auto& piece : pieces_)
        key += piece.kind == Kind::any           ? std::string("*")
               : piece.kind == Kind::one         ? std::string("?")
               : piece.kind == Kind::placeholder ? "%" + piece.text + "%"
                                                 : "\"" + piece.text + "\"";
    return key;
}

}  // namespace sallyport::rules
