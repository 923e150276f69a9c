// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/event_view.hpp"

#include <algorithm>
#include <charconv>

#include "rules/engine/case_fold.hpp"

namespace sallyport::rules {
namespace {

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// `pages*copies`: the product of the fields; the first has to be there, any other counts as one where it is
// not.
std::optional<double> product_of(const Record& record, std::string_view name) {
    std::optional<double> product;
    for (auto star = name.find('*'); !name.empty(); star = name.find('*')) {
        const std::string_view factor = name.substr(0, star);
        name = star == std::string_view::npos ? std::string_view() : name.substr(star + 1);
        const auto number = field_number(record, factor);
        if (!number && !product) return std::nullopt;
        product = product.value_or(1) * number.value_or(1);
    }
    return product;
}

// Calls `use` with every value the name leads to.
template <class Use>
void each_value(const Record& record, std::string_view name, const Use& use) {
    if (const Value* value = record.find(name)) {
        use(*value);
        return;
    }
    for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        const Value* outer = record.find(name.substr(0, dot));
        if (outer == nullptr) continue;
        const std::string_view rest = name.substr(dot + 1);
        if (const auto* inner = outer->as<Record>()) each_value(*inner, rest, use);
        if (const auto* list = outer->as<List>())
            for (const Value& item : *list)
                if (const auto* inner = item.as<Record>()) each_value(*inner, rest, use);
        return;
    }
}

const Value* first_scalar(const Value& value) {
    const auto* list = value.as<List>();
    if (list == nullptr) return &value;
    return list->empty() ? nullptr : first_scalar(list->front());
}

}  // namespace

std::optional<std::string> text_of_scalar(const Value& value) {
    if (const auto* text = value.as<std::string>()) return *text;
    if (const auto* flag = value.as<bool>()) return *flag ? "true" : "false";
    if (const auto* integer = value.as<std::int64_t>()) return std::to_string(*integer);
    if (const auto* number = value.as<double>()) return text_of_number(*number);
    return std::nullopt;
}

std::string text_of_number(double number) {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return error == std::errc{} ? std::string(buffer, end) : std::string();
}

std::optional<double> number_of_scalar(const Value& value) {
    if (const auto* integer = value.as<std::int64_t>()) return static_cast<double>(*integer);
    if (const auto* number = value.as<double>()) return *number;
    if (const auto* text = value.as<std::string>()) return parse_number(*text);
    return std::nullopt;
}

std::string field_text(const Record& record, std::string_view field) {
    std::optional<std::string> text;
    each_value(record, field, [&](const Value& value) {
        if (const Value* scalar = first_scalar(value); scalar != nullptr && !text)
            text = text_of_scalar(*scalar);
    });
    return text.value_or("");
}

std::optional<double> field_number(const Record& record, std::string_view field) {
    std::optional<double> number;
    each_value(record, field, [&](const Value& value) {
        if (const Value* scalar = first_scalar(value); scalar != nullptr && !number)
            number = number_of_scalar(*scalar);
    });
    return number;
}

void EventView::reset(const Record& record) {
    for (const int field : used_)
        slots_[static_cast<std::size_t>(field)] = {};
    used_.clear();
    everything_ = {};
    record_ = &record;
}

void EventView::collect(const Value& value, Slot& slot) {
    if (value.is_null()) {
        slot.has_null = true;
    } else if (const auto* list = value.as<List>()) {
        for (const Value& item : *list)
            collect(item, slot);
    } else if (const auto* record = value.as<Record>()) {
        for (const auto& [name, inner] : *record)
            collect(inner, slot);
    } else {
        std::string text = *text_of_scalar(value);
        std::string folded = fold_case(text);
        const auto* flag = value.as<bool>();
        slot.leaves.push_back({std::move(text), std::move(folded), number_of_scalar(value),
                               flag != nullptr ? std::optional(*flag) : std::nullopt});
    }
}

const EventView::Slot& EventView::slot(int field) {
    if (field == kAnyField) {
        if (!everything_.resolved) {
            everything_.resolved = everything_.present = true;
            for (const auto& [name, value] : *record_)
                collect(value, everything_);
        }
        return everything_;
    }
    Slot& slot = slots_[static_cast<std::size_t>(field)];
    if (!slot.resolved) {
        slot.resolved = true;
        used_.push_back(field);
        const std::string& name = fields_[static_cast<std::size_t>(field)];
        if (name.find('*') != std::string::npos) {
            if (const auto product = product_of(*record_, name)) {
                slot.present = true;
                collect(*product, slot);
            }
            return slot;
        }
        each_value(*record_, name, [&](const Value& value) {
            slot.present = true;
            collect(value, slot);
        });
    }
    return slot;
}

bool EventView::reference_holds(const Leaf& leaf, const ReferenceTest& test) {
    using Shape = ReferenceTest::Shape;
    const Slot& other = slot(test.other_field);
    return std::any_of(other.leaves.begin(), other.leaves.end(), [&](const Leaf& there) {
        const std::string& left = test.cased ? leaf.text : leaf.folded;
        const std::string& right = test.cased ? there.text : there.folded;
        switch (test.shape) {
            case Shape::whole:
                return left == right || (leaf.number && there.number && *leaf.number == *there.number);
            case Shape::contains:
                return left.find(right) != std::string::npos;
            case Shape::starts_with:
                return left.starts_with(right);
            case Shape::ends_with:
                return left.ends_with(right);
            case Shape::number:
                return leaf.number && there.number && compare(*leaf.number, test.comparison, *there.number);
        }
        return false;
    });
}

bool EventView::any_leaf_holds(const Slot& slot, const Predicate& predicate,
                               const ThresholdSource& thresholds) {
    const auto any = [&](const auto& holds) {
        return std::any_of(slot.leaves.begin(), slot.leaves.end(), holds);
    };
    if (const auto* text = std::get_if<TextTest>(&predicate.test))
        return any(
            [&](const Leaf& leaf) { return text->pattern.matches(text->cased ? leaf.text : leaf.folded); });
    if (const auto* regex = std::get_if<RegexTest>(&predicate.test))
        return any([&](const Leaf& leaf) { return regex->pattern->matches(leaf.text); });
    if (const auto* number = std::get_if<NumberTest>(&predicate.test)) {
        const double threshold = thresholds(*number);
        return any([&](const Leaf& leaf) {
            return leaf.number && compare(*leaf.number, number->comparison, threshold);
        });
    }
    if (const auto* flag = std::get_if<FlagTest>(&predicate.test))
        return any([&](const Leaf& leaf) {
            return leaf.flag ? *leaf.flag == flag->value : leaf.folded == (flag->value ? "true" : "false");
        });
    if (const auto* range = std::get_if<RangeTest>(&predicate.test))
        return any([&](const Leaf& leaf) { return range->range.contains(leaf.text); });
    if (const auto* reference = std::get_if<ReferenceTest>(&predicate.test))
        return any([&](const Leaf& leaf) { return reference_holds(leaf, *reference); });
    if (const auto* part = std::get_if<TimePartTest>(&predicate.test))
        return any([&](const Leaf& leaf) { return time_part_matches(*part, leaf.text); });
    return false;
}

bool EventView::holds(const Predicate& predicate, const ThresholdSource& thresholds) {
    const Slot& found = slot(predicate.field);
    if (const auto* presence = std::get_if<PresenceTest>(&predicate.test))
        return found.present == presence->present;
    if (std::holds_alternative<NullTest>(predicate.test))
        return !found.present || (found.leaves.empty() && found.has_null);
    return any_leaf_holds(found, predicate, thresholds);
}

}  // namespace sallyport::rules
