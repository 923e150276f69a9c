// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/window_aggregate.hpp"

#include <cmath>

namespace sallyport::rules {
namespace {

constexpr int kSumBits = 30;
constexpr int kNumberBits = 75;

}  // namespace

bool ExactSum::fits(double number) {
    return std::abs(number) < std::ldexp(1.0, kNumberBits);
}

// A double has 53 bits: whole and fraction are taken apart, so that neither loses any.
ExactSum::Units ExactSum::units_of(double number) {
    const double whole = std::trunc(number);
    const double fraction = std::nearbyint(std::ldexp(number - whole, kSumBits));
    return static_cast<Units>(whole) * (Units{1} << kSumBits) + static_cast<Units>(fraction);
}

double ExactSum::value() const {
    return std::ldexp(static_cast<double>(units_), -kSumBits);
}

bool WindowAggregate::ranks() const {
    return spec_->type == CorrelationType::value_percentile || spec_->type == CorrelationType::value_median;
}

void WindowAggregate::add(const std::string& value, std::optional<double> number) {
    ++steps_;
    ++count_;
    if (spec_->type == CorrelationType::value_count && !value.empty()) ++distinct_[value];
    if (!number || !ExactSum::fits(*number)) return;
    ++numbers_;
    if (ranks())
        ranked_.insert({*number, ++entered_});
    else
        sum_.add(*number);
}

void WindowAggregate::remove(const std::string& value, std::optional<double> number) {
    ++steps_;
    --count_;
    if (spec_->type == CorrelationType::value_count && !value.empty())
        if (const auto at = distinct_.find(value); at != distinct_.end() && --at->second == 0)
            distinct_.erase(at);
    if (!number || !ExactSum::fits(*number)) return;
    --numbers_;
    if (ranks())
        ranked_.erase(ranked_.lower_bound({*number, 0}));
    else
        sum_.remove(*number);
}

std::optional<double> WindowAggregate::value() const {
    switch (spec_->type) {
        case CorrelationType::event_count:
            return static_cast<double>(count_);
        case CorrelationType::value_count:
            return static_cast<double>(distinct_.size());
        default:
            break;
    }
    if (numbers_ == 0) return std::nullopt;
    if (spec_->type == CorrelationType::value_sum) return sum_.value();
    if (spec_->type == CorrelationType::value_avg) return sum_.value() / static_cast<double>(numbers_);
    return percentile(spec_->type == CorrelationType::value_median ? 50 : spec_->percentile);
}

double WindowAggregate::percentile(double percent) const {
    const double rank = percent / 100.0 * static_cast<double>(ranked_.size() - 1);
    const double low = ranked_.find_by_order(static_cast<std::size_t>(std::floor(rank)))->first;
    const double high = ranked_.find_by_order(static_cast<std::size_t>(std::ceil(rank)))->first;
    return low + (high - low) * (rank - std::floor(rank));
}

}  // namespace sallyport::rules
