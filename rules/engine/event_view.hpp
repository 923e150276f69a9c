// SPDX-License-Identifier: Apache-2.0
//
// One event as predicates look at it: fields by number, each found and case-folded at most once per event. A
// dotted name is looked for as it stands, then as a path into nested records; a list offers each of its
// elements. A name with
// `*` is the product of the fields it joins (our extension).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/value.hpp"
#include "rules/engine/predicate.hpp"

namespace sallyport::rules {

// The text of a scalar as rules compare it; nothing for null, lists and records.
[[nodiscard]] std::optional<std::string> text_of_scalar(const Value& value);
[[nodiscard]] std::string text_of_number(double number);
[[nodiscard]] std::optional<double> number_of_scalar(const Value& value);
// The field's first scalar as text, or empty: for groups, placeholders, counted values.
[[nodiscard]] std::string field_text(const Record& record, std::string_view field);
[[nodiscard]] std::optional<double> field_number(const Record& record, std::string_view field);

// A number test's threshold for this event: the site's where its rule's parameter has one.
using ThresholdSource = std::function<double(const NumberTest&)>;

class EventView {
public:
    explicit EventView(const std::vector<std::string>& fields) : fields_(fields), slots_(fields.size()) {}

    // `record` has to outlive the questions.
    void reset(const Record& record);
    [[nodiscard]] bool holds(const Predicate& predicate, const ThresholdSource& thresholds);

private:
    struct Leaf {
        std::string text, folded;
        std::optional<double> number;
        std::optional<bool> flag;
    };
    struct Slot {
        bool resolved = false;
        bool present = false;
        bool has_null = false;
        std::vector<Leaf> leaves;
    };

    [[nodiscard]] const Slot& slot(int field);
    static void collect(const Value& value, Slot& slot);
    [[nodiscard]] bool any_leaf_holds(const Slot& slot, const Predicate& predicate,
                                      const ThresholdSource& thresholds);
    [[nodiscard]] bool reference_holds(const Leaf& leaf, const ReferenceTest& test);

    const std::vector<std::string>& fields_;
    const Record* record_ = nullptr;
    std::vector<Slot> slots_;
    std::vector<int> used_;
    Slot everything_;  // what keywords search
};

}  // namespace sallyport::rules
