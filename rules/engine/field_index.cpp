// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/field_index.hpp"

#include <algorithm>
#include <cmath>

#include "rules/engine/case_fold.hpp"

namespace sallyport::rules {
namespace {

using Kind = PatternPiece::Kind;

// The longest literal piece of a pattern, or nullptr.
const PatternPiece* longest_literal(const StringPattern& pattern) {
    const PatternPiece* longest = nullptr;
    for (const PatternPiece& piece : pattern.pieces())
        if (piece.kind == Kind::literal && (longest == nullptr || piece.text.size() > longest->text.size()))
            longest = &piece;
    return longest;
}

bool is_anything(const StringPattern& pattern) {
    return !pattern.pieces().empty() &&
           std::all_of(pattern.pieces().begin(), pattern.pieces().end(),
                       [](const auto& piece) { return piece.kind == Kind::any; });
}

// Each further letter makes a literal rarer; short ones are everywhere.
double guess_of_literal(std::size_t length, double at_least) {
    return std::max(at_least, 500 * std::pow(0.62, static_cast<double>(length)));
}

// Of longer literals only the end is scanned for and the rest looked at when it was found: databases of
// thousands of long literals take half as long to compile.
constexpr std::size_t kScannedMax = 12;

constexpr double kEqualText = 4, kEqualNumber = 60, kComparedNumber = 400, kAnyValue = 800;
constexpr double kContainedMin = 0.05, kSuffixMin = 3, kPrefixMin = 20;

double guess_of_text(const TextTest& test) {
    const auto& pieces = test.pattern.pieces();
    if (is_anything(test.pattern)) return kAnyValue;
    if (!test.pattern.has_wildcards()) return kEqualText;
    const PatternPiece* literal = longest_literal(test.pattern);
    if (literal == nullptr) return kAnyValue;
    const double least = pieces.front().kind == Kind::literal  ? kPrefixMin
                         : pieces.back().kind == Kind::literal ? kSuffixMin
                                                               : kContainedMin;
    return guess_of_literal(literal->text.size(), least);
}

}  // namespace

bool FieldIndex::takes(const Predicate& predicate) {
    if (const auto* text = std::get_if<TextTest>(&predicate.test))
        return is_anything(text->pattern) || !text->pattern.has_wildcards() ||
               longest_literal(text->pattern) != nullptr;
    if (const auto* regex = std::get_if<RegexTest>(&predicate.test))
        return !regex->pattern->required().empty();
    if (const auto* number = std::get_if<NumberTest>(&predicate.test))
        return number->parameter < 0 && number->comparison != Comparison::not_equal &&
               !std::isnan(number->threshold);
    return std::holds_alternative<FlagTest>(predicate.test);
}

double FieldIndex::guess(const Predicate& predicate) {
    if (const auto* text = std::get_if<TextTest>(&predicate.test)) return guess_of_text(*text);
    if (const auto* regex = std::get_if<RegexTest>(&predicate.test)) {
        double sum = 0;
        for (const std::string& literal : regex->pattern->required())
            sum += guess_of_literal(literal.size(), kContainedMin);
        return sum == 0 ? kAnyValue : std::min(sum, kAnyValue);
    }
    if (const auto* number = std::get_if<NumberTest>(&predicate.test))
        return number->comparison == Comparison::equal ? kEqualNumber : kComparedNumber;
    return std::holds_alternative<FlagTest>(predicate.test) ? kComparedNumber : kAnyValue;
}

void FieldIndex::add(const Predicate& predicate, int number) {
    if (const auto* text = std::get_if<TextTest>(&predicate.test)) return add_text(predicate, *text, number);
    if (const auto* regex = std::get_if<RegexTest>(&predicate.test)) {
        for (const std::string& literal : regex->pattern->required())
            add_literal(literal, {number, Check::regex, &predicate, {}});
        return;
    }
    if (const auto* flag = std::get_if<FlagTest>(&predicate.test))
        return add_equal(std::string(flag->value ? kTrue : kFalse), {number, Check::none, &predicate, {}});
    const auto& test = std::get<NumberTest>(predicate.test);
    auto at = std::find_if(numbers_.begin(), numbers_.end(),
                           [&](const Thresholds& one) { return one.comparison == test.comparison; });
    if (at == numbers_.end()) at = numbers_.insert(at, {test.comparison, {}});
    at->sorted.emplace_back(test.threshold, number);
}

void FieldIndex::add_text(const Predicate& predicate, const TextTest& test, int number) {
    const auto& pieces = test.pattern.pieces();
    if (is_anything(test.pattern)) {
        every_.push_back(number);
        return;
    }
    const Check cased = test.cased ? Check::pattern : Check::none;
    if (!test.pattern.has_wildcards())
        return add_equal(fold_case(test.pattern.plain()), {number, cased, &predicate, {}});
    const std::string& literal = longest_literal(test.pattern)->text;
    Check check = Check::pattern;
    const bool open_start = pieces.front().kind == Kind::any, open_end = pieces.back().kind == Kind::any;
    if (!test.cased && pieces.size() == 3 && open_start && open_end && pieces[1].kind == Kind::literal)
        check = literal.size() > kScannedMax ? Check::contained : Check::none;
    else if (!test.cased && pieces.size() == 2 && open_start)
        check = Check::suffix;
    else if (!test.cased && pieces.size() == 2 && open_end)
        check = Check::prefix;
    add_literal(fold_case(literal), {number, check, &predicate, literal});
}

void FieldIndex::add_equal(const std::string& text, Use use) {
    auto at = equal_.find(text);
    if (at == equal_.end()) {
        texts_.push_back(std::make_unique<std::string>(text));
        at = equal_.emplace(*texts_.back(), std::vector<Use>()).first;
        equal_lengths_ |= std::uint64_t{1} << length_bit(text);
    }
    at->second.push_back(use);
}

void FieldIndex::add_literal(const std::string& literal, Use use) {
    const std::string end = literal.substr(literal.size() - std::min(literal.size(), kScannedMax));
    const auto [at, is_new] = literal_numbers_.emplace(end, literals_.size());
    if (is_new) {
        literals_.push_back(end);
        uses_of_.emplace_back();
    }
    uses_of_[at->second].push_back(use);
}

void FieldIndex::build() {
    for (Thresholds& thresholds : numbers_)
        std::sort(thresholds.sorted.begin(), thresholds.sorted.end());
    for (const bool value : {false, true})
        if (const auto at = equal_.find(value ? kTrue : kFalse); at != equal_.end()) flag_uses_[value] = &at->second;
    if (!literals_.empty()) database_ = LiteralDatabase::compile(literals_);
}

void FieldIndex::prepare(LiteralScratch& scratch) const {
    if (database_ != nullptr) database_->prepare(scratch);
}

bool FieldIndex::is_sure(const Use& use, EventView& view, EventView::Leaf& leaf) {
    switch (use.check) {
        case Check::none:
            return true;
        case Check::contained:
            return view.folded(leaf).find(use.literal) != std::string_view::npos;
        case Check::prefix:
            return view.folded(leaf).starts_with(use.literal);
        case Check::suffix:
            return view.folded(leaf).ends_with(use.literal);
        case Check::pattern: {
            const auto& test = std::get<TextTest>(use.predicate->test);
            return test.pattern.matches(test.cased ? view.text(leaf) : view.folded(leaf));
        }
        case Check::regex:
            return std::get<RegexTest>(use.predicate->test).pattern->matches(view.text(leaf));
    }
    return false;
}

std::size_t FieldIndex::bytes() const {
    std::size_t bytes = database_ == nullptr ? 0 : database_->bytes();
    for (const auto& [text, uses] : equal_)
        bytes += text.size() + uses.size() * sizeof(Use);
    for (std::size_t i = 0; i < literals_.size(); ++i)
        bytes += literals_[i].size() * 2 + uses_of_[i].size() * sizeof(Use);
    for (const Thresholds& thresholds : numbers_)
        bytes += thresholds.sorted.size() * sizeof(thresholds.sorted.front());
    return bytes;
}

}  // namespace sallyport::rules
