// SPDX-License-Identifier: Apache-2.0
//
// Sigma's correlation documents (2.1), and the condition in words of the coming 2.2.
#include <algorithm>
#include <cmath>
#include <limits>

#include "rules/engine/correlation_terms.hpp"
#include "rules/engine/document_draft.hpp"
#include "rules/engine/event_view.hpp"

namespace sallyport::rules {
namespace {

constexpr std::size_t kPartsMax = 60;
constexpr std::string_view kTypes[] = {"event_count", "value_count", "temporal",         "temporal_ordered",
                                       "value_sum",   "value_avg",   "value_percentile", "value_median"};
constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
    {"gt", Comparison::greater}, {"gte", Comparison::greater_or_equal},
    {"lt", Comparison::less},    {"lte", Comparison::less_or_equal},
    {"eq", Comparison::equal},   {"neq", Comparison::not_equal}};

class CorrelationReader {
public:
    CorrelationReader(const YamlEntry& body, Draft& draft, const Reporter& report)
        : body_(body), draft_(draft), report_(report) {}

    CorrelationSpec read() {
        if (!body_.value.is_map()) {
            report_(body_.value.place, "`correlation` must be a map");
            return {};
        }
        for (const YamlEntry& entry : body_.value.entries)
            read_entry(entry);
        if (draft_.condition != nullptr && draft_.condition->value.is_scalar())
            read_words(draft_.condition->value);
        if (!has_type_ || !has_timespan_ || draft_.references.empty()) {
            report_(body_.place, "`correlation` needs `type`, `rules` and `timespan`");
            return std::move(spec_);
        }
        if (draft_.references.size() > kPartsMax)
            report_(body_.place, "a correlation takes at most 60 rules");
        if (draft_.condition != nullptr && !draft_.condition->value.is_scalar())
            read_numbers(*draft_.condition);
        if (is_temporal())
            check_temporal();
        else
            check_counting();
        return std::move(spec_);
    }

private:
    [[nodiscard]] bool is_temporal() const {
        return spec_.type == CorrelationType::temporal || spec_.type == CorrelationType::temporal_ordered;
    }
    [[nodiscard]] bool takes_numbers() const {
        return !is_temporal() && spec_.type != CorrelationType::event_count &&
               spec_.type != CorrelationType::value_count;
    }
    [[nodiscard]] Place condition_place() const {
        return draft_.condition != nullptr ? draft_.condition->place : body_.place;
    }

    void read_entry(const YamlEntry& entry) {
        if (entry.key == "type") {
            read_type(entry);
        } else if (entry.key == "rules") {
            draft_.references = read_references(entry, report_);
        } else if (entry.key == "group-by") {
            spec_.group_by = read_group_by(entry, draft_, report_);
        } else if (entry.key == "timespan") {
            spec_.timespan = read_timespan(entry, "correlation.timespan", draft_, report_);
            has_timespan_ = true;
        } else if (entry.key == "condition") {
            draft_.condition = &entry;
        } else if (entry.key == "aliases") {
            draft_.aliases = &entry;
            if (!entry.value.is_map()) report_(entry.value.place, "`aliases` must be a map");
        } else if (entry.key == "generate") {
            draft_.generate = flag_of_entry(entry, report_);
        } else if (entry.key == "window") {  // other engines' own; ours is that kind anyway
            if (entry.value.text != "sliding") report_(entry.value.place, "windows are sliding here, nothing else");
        } else {
            report_(entry.place, "`correlation` has no entry '" + entry.key + "'");
        }
    }

    void read_type(const YamlEntry& entry) {
        has_type_ = true;
        const auto* at = std::find(std::begin(kTypes), std::end(kTypes), entry.value.text);
        if (at == std::end(kTypes))
            report_(entry.value.place, "there is no correlation type '" + entry.value.text + "'");
        else
            spec_.type = static_cast<CorrelationType>(at - std::begin(kTypes));
    }

    // --- the condition in numbers
    // ---------------------------------------------------------------------------------

    void read_numbers(const YamlEntry& condition) {
        if (!condition.value.is_map()) return report_(condition.value.place, "`condition` must be a map");
        for (const YamlEntry& entry : condition.value.entries) {
            const auto* comparison =
                std::find_if(std::begin(kComparisons), std::end(kComparisons),
                             [&](const auto& candidate) { return candidate.first == entry.key; });
            if (comparison != std::end(kComparisons))
                read_comparison(entry, comparison->second);
            else if (entry.key == "field")
                spec_.value_fields = read_texts(entry, report_);
            else if (entry.key == "percentile")
                read_percentile(entry);
            else
                report_(entry.place, "`condition` has no entry '" + entry.key + "'");
        }
        check_range(condition);
    }

    [[nodiscard]] bool any_count_fulfils(Comparison comparison, double number) const {
        const bool counts = spec_.type == CorrelationType::event_count || spec_.type == CorrelationType::value_count;
        return counts && ((comparison == Comparison::greater_or_equal && number <= 0) ||
                          (comparison == Comparison::greater && number < 0));
    }

    void read_comparison(const YamlEntry& entry, Comparison comparison) {
        const auto number = entry.value.is_scalar() ? number_of_scalar(entry.value.scalar()) : std::nullopt;
        if (!number || !std::isfinite(*number))
            report_(entry.value.place, "a number is needed here");
        else if (any_count_fulfils(comparison, *number))
            report_(entry.value.place, "any count fulfils this");
        CountCondition count{comparison, number.value_or(0), -1};
        const auto slot = draft_.block.slots.find("correlation.condition." + entry.key);
        if (slot != draft_.block.slots.end()) {
            slot->second.bound = true;
            slot->second.value = count.number;
            count.parameter = slot->second.parameter;
        }
        spec_.conditions.push_back(count);
    }

    void read_percentile(const YamlEntry& entry) {
        const auto number = entry.value.is_scalar() ? number_of_scalar(entry.value.scalar()) : std::nullopt;
        if (spec_.type != CorrelationType::value_percentile)
            report_(entry.place, "`percentile` goes with the type value_percentile only");
        else if (!number || !(*number >= 0) || !(*number <= 100))
            report_(entry.value.place, "a percentile is a number from 0 to 100");
        else
            spec_.percentile = *number;
    }

    void check_range(const YamlEntry& condition) {
        double low = -std::numeric_limits<double>::infinity(), high = -low;
        bool open = false;
        for (const CountCondition& count : spec_.conditions) {
            if (count.comparison == Comparison::greater || count.comparison == Comparison::greater_or_equal ||
                count.comparison == Comparison::equal)
                low = std::max(low, count.number);
            if (count.comparison == Comparison::less || count.comparison == Comparison::less_or_equal ||
                count.comparison == Comparison::equal)
                high = std::min(high, count.number);
            open = open || count.comparison == Comparison::greater || count.comparison == Comparison::less;
        }
        if (low > high || (low == high && open))
            report_(condition.value.place, "no number fits this condition");
    }

    void check_counting() {
        if (spec_.conditions.empty())
            report_(condition_place(), draft_.condition != nullptr && draft_.condition->value.is_scalar()
                                           ? "only temporal correlations take a condition in words"
                                           : "`condition` needs a number to compare with");
        const bool counts_values = spec_.type != CorrelationType::event_count;
        if (counts_values == spec_.value_fields.empty())
            report_(condition_place(), counts_values ? "`condition` needs a `field`"
                                                     : "`field` says nothing in this type of correlation");
        if (takes_numbers() && spec_.value_fields.size() > 1)
            report_(condition_place(), "this type of correlation takes one `field`");
    }

    // --- temporal
    // ---------------------------------------------------------------------------------

    // Without `rules`, they are those that the condition names.
    void read_words(const YamlNode& node) {
        const auto refuse = [&](const ConditionFault& fault) {
            report_({node.place.line, node.place.column + fault.offset}, fault.message);
        };
        auto parsed = parse_condition(node.text);
        if (const auto* fault = std::get_if<ConditionFault>(&parsed)) return refuse(*fault);
        const auto& condition = std::get<Condition>(parsed);
        if (draft_.references.empty() && body_.value.find("rules") == nullptr)
            for (const std::string& name : names_in(condition))
                draft_.references.push_back({name, node.place});
        std::vector<std::string> names;
        for (const Reference& reference : draft_.references)
            names.push_back(reference.name);
        auto terms = terms_of(condition, names);
        if (const auto* fault = std::get_if<ConditionFault>(&terms)) return refuse(*fault);
        spec_.terms = std::get<std::vector<Conjunction>>(std::move(terms));
    }

    void check_temporal() {
        if (!spec_.value_fields.empty())
            report_(condition_place(), "`field` says nothing in this type of correlation");
        const std::size_t parts = draft_.references.size();
        if (spec_.type == CorrelationType::temporal_ordered && !spec_.conditions.empty()) {
            if (!needs_all(static_cast<double>(parts)))
                report_(condition_place(),
                        "an ordered correlation needs all of its rules; its number can only say that");
            spec_.conditions.clear();
        }
        if (!spec_.terms.empty() || !spec_.conditions.empty() ||
            (draft_.condition != nullptr && draft_.condition->value.is_scalar()))
            return;
        Conjunction all;
        for (std::size_t part = 0; part < parts; ++part)
            all.with.push_back(static_cast<int>(part));
        spec_.terms.push_back(std::move(all));
    }

    // Whether the conditions hold for all parts and for no fewer.
    [[nodiscard]] bool needs_all(double parts) const {
        const auto hold = [&](double count) {
            return std::all_of(spec_.conditions.begin(), spec_.conditions.end(), [&](const auto& condition) {
                return compare(count, condition.comparison, condition.number);
            });
        };
        return hold(parts) && !hold(parts - 1);
    }

    const YamlEntry& body_;
    Draft& draft_;
    const Reporter& report_;
    CorrelationSpec spec_;
    bool has_type_ = false, has_timespan_ = false;
};

}  // namespace

CorrelationSpec read_correlation(const YamlEntry& body, Draft& draft, const Reporter& report) {
    return CorrelationReader(body, draft, report).read();
}

}  // namespace sallyport::rules
