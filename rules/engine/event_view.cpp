// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/event_view.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "rules/engine/case_fold.hpp"

namespace sallyport::rules {
namespace {

using Kind = JsonField::Kind;

constexpr std::size_t kNumberTextMax = 32;

}  // namespace

EventView::EventView(const PredicateTable& table)
    : names_(std::make_shared<FieldNames>(table.fields())),
      reader_(JsonFieldReader::create(names_)),
      slots_(table.fields().size()) {
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if (const auto& factors = table.factors(static_cast<int>(i)); !factors.empty())
            products_.push_back({static_cast<int>(i), factors});
}

// --- filling
// ------------------------------------------------------------------------------------------------

void EventView::reset() {
    ++event_;
    present_.clear();
    leaves_.clear();
    arena_.clear();
}

// Whether a value found this way counts: a name as it stands comes before a path, and of paths the one with
// the shorter first part.
bool EventView::admit(int field, std::uint8_t rank) {
    Slot& found = slot(field);
    if (found.event == event_) {
        if (rank > found.rank) return false;
        if (rank == found.rank) return true;
    } else {
        present_.push_back(field);
    }
    found = {event_, -1, -1, rank, false};
    return true;
}

EventView::Leaf& EventView::add_leaf(int field, Kind kind) {
    const auto number = static_cast<int>(leaves_.size());
    Leaf& leaf = leaves_.emplace_back();
    leaf.kind = kind;
    if (field == kAnyField) return leaf;
    Slot& of = slot(field);
    if (of.last < 0)
        of.first = number;
    else
        leaves_[static_cast<std::size_t>(of.last)].next = number;
    of.last = number;
    return leaf;
}

void EventView::read(const Record& record, const FieldSelection& selection) {
    reset();
    walk(record, FieldNames::kRoot, 0, selection);
    compute_products(selection);
}

void EventView::walk(const Record& record, int level, std::uint8_t rank, const FieldSelection& selection) {
    for (const auto& [name, value] : record) {
        const auto found = names_->find(level, name);
        if (found.field != FieldNames::kNone &&
            (selection.everything || selection.fields == nullptr || selection.fields[found.field] != 0)) {
            if (admit(found.field, rank)) collect(value, found.field);
            continue;
        }
        if (found.inside == FieldNames::kNone) {
            if (selection.everything) collect(value, kAnyField);
            continue;
        }
        const auto inner_rank = level == FieldNames::kRoot
                                    ? static_cast<std::uint8_t>(1 + std::count(name.begin(), name.end(), '.'))
                                    : rank;
        if (const auto* inner = value.as<Record>()) {
            walk(*inner, found.inside, inner_rank, selection);
        } else if (const auto* list = value.as<List>()) {
            for (const Value& item : *list)
                if (const auto* inner_record = item.as<Record>())
                    walk(*inner_record, found.inside, inner_rank, selection);
                else if (selection.everything)
                    collect(item, kAnyField);
        } else if (selection.everything) {
            collect(value, kAnyField);
        }
    }
}

void EventView::collect(const Value& value, int field) {
    if (const auto* text = value.as<std::string>()) {
        add_leaf(field, Kind::text).text = *text;
    } else if (const auto* integer = value.as<std::int64_t>()) {
        add_leaf(field, Kind::integer).integer = *integer;
    } else if (const auto* flag = value.as<bool>()) {
        add_leaf(field, Kind::flag).text = *flag ? "true" : "false";
    } else if (const auto* number = value.as<double>()) {
        add_leaf(field, Kind::number).number = *number;
    } else if (const auto* list = value.as<List>()) {
        for (const Value& item : *list)
            collect(item, field);
    } else if (const auto* record = value.as<Record>()) {
        for (const auto& [name, inner] : *record)
            collect(inner, field);
    } else if (field != kAnyField) {
        slot(field).has_null = true;
    }
}

Result<void> EventView::read(const EventLine& line, const FieldSelection& selection) {
    reset();
    found_.clear();
    auto done = reader_->read(line.json, {selection.fields, selection.everything, line.spliced}, found_);
    if (!done) return done;
    for (const JsonField& field : found_)
        take(field);
    if (line.added != nullptr) walk(*line.added, FieldNames::kRoot, 0, selection);
    compute_products(selection);
    return {};
}

void EventView::take(const JsonField& found) {
    if (found.field != kAnyField && !admit(found.field, found.rank)) return;
    switch (found.kind) {
        case Kind::empty:
            return;
        case Kind::null:
            if (found.field != kAnyField) slot(found.field).has_null = true;
            return;
        case Kind::flag:
            add_leaf(found.field, found.kind).text = found.flag ? "true" : "false";
            return;
        case Kind::integer:
            add_leaf(found.field, found.kind).integer = found.integer;
            return;
        case Kind::number:
            add_leaf(found.field, found.kind).number = found.number;
            return;
        case Kind::text:
            add_leaf(found.field, found.kind).text = found.text;
            return;
    }
}

// Before any question: a value added while others are looked at would move them.
void EventView::compute_products(const FieldSelection& selection) {
    for (const auto& [field, factors] : products_) {
        if (selection.fields != nullptr && selection.fields[field] == 0) continue;
        std::optional<double> product;
        for (const int factor : factors) {
            std::optional<double> value;
            any_leaf(factor, [&](const Leaf& leaf) { return (value = number(leaf)).has_value(); });
            if (!value && !product) break;
            product = product.value_or(1) * value.value_or(1);
        }
        if (!product || !admit(field, 0)) continue;
        Leaf& leaf = add_leaf(field, Kind::number);
        leaf.number = *product;
        leaf.computed = true;
    }
}

// --- looking
// ------------------------------------------------------------------------------------------------

bool EventView::is_null(int field) {
    return !present(field) || (slot(field).first < 0 && slot(field).has_null);
}

std::string_view EventView::text(Leaf& leaf) {
    if (leaf.text.data() != nullptr) return leaf.text;
    char* buffer = arena_.take(kNumberTextMax);
    const auto result = leaf.kind == Kind::integer
                            ? std::to_chars(buffer, buffer + kNumberTextMax, leaf.integer)
                            : std::to_chars(buffer, buffer + kNumberTextMax, leaf.number);
    leaf.text = {buffer, static_cast<std::size_t>(result.ptr - buffer)};
    return leaf.text;
}

std::string_view EventView::folded(Leaf& leaf) {
    if (leaf.folded.data() == nullptr)
        leaf.folded = leaf.kind == Kind::text ? fold_case(text(leaf), arena_) : text(leaf);
    return leaf.folded;
}

std::optional<double> EventView::number(const Leaf& leaf) {
    switch (leaf.kind) {
        case Kind::integer:
            return static_cast<double>(leaf.integer);
        case Kind::number:
            return leaf.number;
        case Kind::text:
            return number_of_text(leaf.text);
        default:
            return std::nullopt;
    }
}

bool EventView::reference_holds(Leaf& leaf, const ReferenceTest& test) {
    using Shape = ReferenceTest::Shape;
    return any_leaf(test.other_field, [&](Leaf& there) {
        const std::string_view left = test.cased ? text(leaf) : folded(leaf);
        const std::string_view right = test.cased ? text(there) : folded(there);
        switch (test.shape) {
            case Shape::whole:
                return left == right || (number(leaf) && number(there) && *number(leaf) == *number(there));
            case Shape::contains:
                return left.find(right) != std::string_view::npos;
            case Shape::starts_with:
                return left.starts_with(right);
            case Shape::ends_with:
                return left.ends_with(right);
            case Shape::number:
                return number(leaf) && number(there) &&
                       compare(*number(leaf), test.comparison, *number(there));
        }
        return false;
    });
}

bool EventView::leaf_holds(Leaf& leaf, const Predicate& predicate, const ThresholdSource& thresholds) {
    if (const auto* pattern = std::get_if<TextTest>(&predicate.test))
        return pattern->pattern.matches(pattern->cased ? text(leaf) : folded(leaf));
    if (const auto* regex = std::get_if<RegexTest>(&predicate.test))
        return regex->pattern->matches(text(leaf));
    if (const auto* test = std::get_if<NumberTest>(&predicate.test)) {
        const auto value = number(leaf);
        return value && compare(*value, test->comparison, thresholds(*test));
    }
    if (const auto* flag = std::get_if<FlagTest>(&predicate.test))
        return folded(leaf) == (flag->value ? "true" : "false");
    if (const auto* range = std::get_if<RangeTest>(&predicate.test)) return range->range.contains(text(leaf));
    if (const auto* reference = std::get_if<ReferenceTest>(&predicate.test))
        return reference_holds(leaf, *reference);
    if (const auto* part = std::get_if<TimePartTest>(&predicate.test))
        return time_part_matches(*part, text(leaf));
    return false;
}

bool EventView::holds(const Predicate& predicate, const ThresholdSource& thresholds) {
    if (const auto* presence = std::get_if<PresenceTest>(&predicate.test))
        return present(predicate.field) == presence->present;
    if (std::holds_alternative<NullTest>(predicate.test)) return is_null(predicate.field);
    return any_leaf(predicate.field, [&](Leaf& leaf) { return leaf_holds(leaf, predicate, thresholds); });
}

}  // namespace sallyport::rules
