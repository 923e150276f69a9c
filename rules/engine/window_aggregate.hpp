// SPDX-License-Identifier: Apache-2.0
//
// What the matches of one window come to, kept while matches enter and leave it: no window is ever counted
// anew. One step costs O(1), for percentiles O(log n). The same matches give the same value, in whatever
// order they came and went.
#pragma once

#include <cstdint>
#include <ext/pb_ds/assoc_container.hpp>
#include <ext/pb_ds/tree_policy.hpp>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "rules/engine/compiled_rules.hpp"

namespace sallyport::rules {

// The sum of numbers in units of 2^-30, without rounding on the way: what is taken out again leaves nothing
// behind.
class ExactSum {
public:
    // Numbers beyond 2^75 do not fit.
    [[nodiscard]] static bool fits(double number);
    void add(double number) { units_ += units_of(number); }
    void remove(double number) { units_ -= units_of(number); }
    [[nodiscard]] double value() const;

private:
    __extension__ using Units = __int128;
    [[nodiscard]] static Units units_of(double number);
    Units units_ = 0;
};

class WindowAggregate {
public:
    explicit WindowAggregate(const CorrelationSpec& spec) : spec_(&spec) {}

    // `value`: of the counted fields, empty where there is none; `number`: of the one field.
    void add(const std::string& value, std::optional<double> number);
    void remove(const std::string& value, std::optional<double> number);
    // Nothing when no match has a number to take.
    [[nodiscard]] std::optional<double> value() const;

    // How many matches entered or left so far: what this cost.
    [[nodiscard]] std::uint64_t steps() const { return steps_; }

private:
    using Ranked = __gnu_pbds::tree<std::pair<double, std::uint64_t>, __gnu_pbds::null_type,
                                    std::less<std::pair<double, std::uint64_t>>, __gnu_pbds::rb_tree_tag,
                                    __gnu_pbds::tree_order_statistics_node_update>;

    [[nodiscard]] bool ranks() const;
    [[nodiscard]] double percentile(double percent) const;

    const CorrelationSpec* spec_;
    std::uint64_t count_ = 0;
    std::unordered_map<std::string, std::uint64_t> distinct_;
    ExactSum sum_;
    std::uint64_t numbers_ = 0;
    Ranked ranked_;  // equal numbers are told apart by a running number
    std::uint64_t entered_ = 0;
    std::uint64_t steps_ = 0;
};

}  // namespace sallyport::rules
