// SPDX-License-Identifier: Apache-2.0
//
// The one file that includes RE2.
#include "rules/engine/re2_pattern.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

namespace sallyport::rules {
namespace {

constexpr int kRequiredLengthMin = 2;

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) > 0; });
}

// RE2's own analysis, for sets of expressions, asked about this one.
std::vector<std::string> required_of(const std::string& expression, const RE2::Options& options) {
    re2::FilteredRE2 filter(kRequiredLengthMin);
    int number = 0;
    if (filter.Add(expression, options, &number) != RE2::NoError) return {};
    std::vector<std::string> literals;
    filter.Compile(&literals);
    std::vector<int> passing;
    filter.AllPotentials({}, &passing);
    // It folds beyond ASCII in a way of its own.
    if (!passing.empty() || !std::all_of(literals.begin(), literals.end(), is_ascii)) return {};
    return literals;
}

class CompiledPattern final : public Re2Pattern {
public:
    CompiledPattern(const std::string& expression, const RE2::Options& options)
        : expression_(expression, options) {
        if (expression_.ok()) required_ = required_of(expression, options);
    }

    [[nodiscard]] const RE2& expression() const { return expression_; }
    [[nodiscard]] bool matches(std::string_view text) const override {
        return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), expression_);
    }

    [[nodiscard]] const std::vector<std::string>& required() const override { return required_; }

private:
    RE2 expression_;
    std::vector<std::string> required_;
};

}  // namespace

Result<std::shared_ptr<const Re2Pattern>> Re2Pattern::compile(std::string_view expression, RegexFlags flags) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!flags.ignore_case);
    options.set_dot_nl(flags.dot_all);
    options.set_max_mem(8 << 20);
    // RE2 knows `multiline` only inside an expression.
    const std::string text =
        flags.multiline ? "(?m:" + std::string(expression) + ")" : std::string(expression);
    auto pattern = std::make_shared<CompiledPattern>(text, options);
    if (!pattern->expression().ok())
        return Error(Errc::bad_input,
                     "the regular expression cannot be used: " + pattern->expression().error());
    return std::shared_ptr<const Re2Pattern>(std::move(pattern));
}

}  // namespace sallyport::rules
