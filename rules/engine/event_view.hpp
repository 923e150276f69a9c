// SPDX-License-Identifier: Apache-2.0
//
// One event as predicates look at it: the fields that the rules name, by number, each with its values. A list
// offers each of its elements, a record each of its scalars. Filled from a record or from a line of JSON; a
// name that no rule asks for is passed over.
//
// A name with `*` is the product of the fields it joins (our extension): the first has to be there, any other
// counts as one where it is not.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/json_fields.hpp"
#include "protocol/value.hpp"
#include "rules/engine/expression.hpp"
#include "rules/engine/predicate.hpp"
#include "rules/engine/scalar.hpp"
#include "rules/engine/text_arena.hpp"

namespace sallyport::rules {

// A number test's threshold for this event: the site's where its rule's parameter has one.
using ThresholdSource = std::function<double(const NumberTest&)>;

// Which of the event's fields are worth keeping.
struct FieldSelection {
    const std::uint8_t* fields = nullptr;  // one a field: 0 = not this one; nullptr: all
    bool everything = false;  // values under names that no rule asks for, too: keywords search them
};

// An event as a line of JSON that was checked when it was taken.
struct EventLine {
    std::string_view json;
    std::string_view spliced = {};  // an object whose fields count as the event's own: `body` in ours
    const Record* added = nullptr;  // what others know of the event; has to outlive the questions
};

class EventView {
public:
    // One scalar. Texts are views into the record or the line it came from, or into the view itself.
    struct Leaf {
        JsonField::Kind kind = JsonField::Kind::text;
        bool computed = false;  // a product: no part of the event
        int next = -1;          // of the same field
        std::int64_t integer = 0;
        double number = 0;
        std::string_view text, folded;  // made when first asked for
    };

    explicit EventView(const PredicateTable& table);

    // Both forget the event before. `record` has to outlive the questions.
    void read(const Record& record, const FieldSelection& selection = {});
    [[nodiscard]] Result<void> read(const EventLine& line, const FieldSelection& selection = {});

    // The fields that are there, each once.
    [[nodiscard]] std::span<const int> fields() const { return present_; }
    [[nodiscard]] bool present(int field) { return field == kAnyField || slot(field).event == event_; }
    // Calls `use` with each value until it says true; kAnyField: with every value of the event.
    template <class Use>
    bool any_leaf(int field, const Use& use) {
        if (field == kAnyField) {
            for (std::size_t i = 0; i < leaves_.size(); ++i)
                if (!leaves_[i].computed && use(leaves_[i])) return true;
            return false;
        }
        if (!present(field)) return false;
        for (int at = slot(field).first; at >= 0; at = leaves_[static_cast<std::size_t>(at)].next)
            if (use(leaves_[static_cast<std::size_t>(at)])) return true;
        return false;
    }

    [[nodiscard]] std::string_view text(Leaf& leaf);
    [[nodiscard]] std::string_view folded(Leaf& leaf);
    [[nodiscard]] static std::optional<double> number(const Leaf& leaf);
    [[nodiscard]] bool holds(const Predicate& predicate, const ThresholdSource& thresholds);

private:
    struct Slot {
        std::uint64_t event = 0;  // whose the rest is
        int first = -1, last = -1;
        std::uint8_t rank = 0;
        bool has_null = false;
    };

    void reset();
    [[nodiscard]] Slot& slot(int field) { return slots_[static_cast<std::size_t>(field)]; }
    [[nodiscard]] bool admit(int field, std::uint8_t rank);
    Leaf& add_leaf(int field, JsonField::Kind kind);
    void walk(const Record& record, int level, std::uint8_t rank, const FieldSelection& selection);
    void collect(const Value& value, int field);
    void take(const JsonField& found);
    void compute_products(const FieldSelection& selection);
    [[nodiscard]] bool is_null(int field);
    [[nodiscard]] bool leaf_holds(Leaf& leaf, const Predicate& predicate, const ThresholdSource& thresholds);
    [[nodiscard]] bool reference_holds(Leaf& leaf, const ReferenceTest& test);

    std::shared_ptr<const FieldNames> names_;
    struct Product {
        int field;
        std::vector<int> factors;
    };
    std::vector<Product> products_;
    std::unique_ptr<JsonFieldReader> reader_;
    std::vector<JsonField> found_;
    TextArena arena_;
    std::uint64_t event_ = 0;
    std::vector<Slot> slots_;
    std::vector<int> present_;
    std::vector<Leaf> leaves_;
};

}  // namespace sallyport::rules
