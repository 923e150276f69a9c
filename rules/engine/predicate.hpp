// SPDX-License-Identifier: Apache-2.0
//
// The smallest question a rule asks: one field, one test. Predicates are interned: a question that a hundred
// rules ask is answered once per event.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "rules/engine/ip_range.hpp"
#include "rules/engine/re2_pattern.hpp"
#include "rules/engine/string_pattern.hpp"

namespace sallyport::rules {

enum class Comparison { equal, not_equal, less, less_or_equal, greater, greater_or_equal };
[[nodiscard]] bool compare(double left, Comparison comparison, double right);
[[nodiscard]] std::string_view to_string(Comparison comparison);

struct TextTest {
    StringPattern pattern;  // folded unless cased
    bool cased = false;
};
struct RegexTest {
    std::shared_ptr<const Re2Pattern> pattern;
};
struct NumberTest {
    Comparison comparison = Comparison::equal;
    double threshold = 0;
    int parameter = -1;  // index into its rule's parameters that may tighten the threshold
    int rule = -1;       // whose parameter
};
struct FlagTest {
    bool value = false;
};
struct RangeTest {
    IpRange range;
};
struct PresenceTest {
    bool present = true;
};
// Absent, or there without a value (sigma.md section 1.7).
struct NullTest {};

// Compared with another field of the same event.
struct ReferenceTest {
    enum class Shape { whole, contains, starts_with, ends_with, number };
    int other_field = 0;
    Shape shape = Shape::whole;
    bool cased = false;
    Comparison comparison = Comparison::equal;  // of numbers
};

struct TimePartTest {
    enum class Part { minute, hour, day, week, month, year };
    Part part = Part::hour;
    Comparison comparison = Comparison::equal;
    double number = 0;
};

// A keyword asks every field.
inline constexpr int kAnyField = -1;

struct Predicate {
    int field = kAnyField;
    std::variant<TextTest, RegexTest, NumberTest, FlagTest, RangeTest, PresenceTest, NullTest, ReferenceTest,
                 TimePartTest>
        test;
    std::string key;  // equal for predicates that ask the same
};

// A part of a time in UTC, from RFC 3339 text or unix seconds (or milliseconds); the week is ISO 8601's.
[[nodiscard]] bool time_part_matches(const TimePartTest& test, std::string_view text);

}  // namespace sallyport::rules
