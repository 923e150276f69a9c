// SPDX-License-Identifier: Apache-2.0
#include "tests/rules/rule_mutants.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "rules/engine/event_view.hpp"
#include "rules/engine/timespan.hpp"
#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {
namespace {

constexpr std::string_view kAlways = "type|exists: true";
constexpr std::string_view kNever = "type|exists: false";
// A field that no event of a scenario has: one group for all.
constexpr std::string_view kNoField = "observed_at";

class Mutator {
public:
    explicit Mutator(const Source& source) : text_(source.text) {
        for (std::size_t at = 0; at != std::string::npos;
             at = text_.find('\n', at), at += at != std::string::npos)
            line_starts_.push_back(at);
        std::vector<Fault> faults;
        for (const YamlNode& document : parse_yaml(source, faults))
            mutate_document(document);
    }

    std::vector<Mutant> take() { return std::move(mutants_); }

private:
    struct Range {
        std::size_t begin = 0, end = 0;
    };

    [[nodiscard]] std::size_t offset_of(Place place) const {
        return line_starts_.at(static_cast<std::size_t>(place.line - 1)) +
               static_cast<std::size_t>(place.column - 1);
    }

    // A scalar, or a list or map in its brackets.
    [[nodiscard]] Range range_of(const YamlNode& node) const {
        const std::size_t begin = offset_of(node.place);
        if (node.is_scalar()) return {begin, begin + node.text.size() + (node.quoted ? 2 : 0)};
        int depth = 0;
        for (std::size_t at = begin; at < text_.size(); ++at) {
            depth += text_[at] == '[' || text_[at] == '{';
            depth -= text_[at] == ']' || text_[at] == '}';
            if (depth == 0) return {begin, at + 1};
        }
        return {begin, begin};
    }

    void change(Range range, const std::string& replacement, const std::string& what) {
        const std::string old = text_.substr(range.begin, range.end - range.begin);
        Mutant mutant;
        const auto line = std::upper_bound(line_starts_.begin(), line_starts_.end(), range.begin) - 1;
        mutant.line = static_cast<int>(line - line_starts_.begin()) + 1;
        mutant.column = static_cast<int>(range.begin - *line) + 1;
        mutant.what = what + ": '" + old + "' -> '" + replacement + "'";
        mutant.text = text_.substr(0, range.begin) + replacement + text_.substr(range.end);
        if (seen_.insert(mutant.text).second) mutants_.push_back(std::move(mutant));
    }

    void mutate_document(const YamlNode& document) {
        for (const YamlEntry& entry : document.entries) {
            if (entry.key == "detection") mutate_detection(entry.value);
            if (entry.key == "correlation" || entry.key == "absence") mutate_window(entry.value);
            if (entry.key == "sallyport") mutate_block(entry.value);
            if (entry.key == "level")
                change(range_of(entry.value), entry.value.text == "low" ? "medium" : "low", "level");
        }
    }

    // --- detections

    void mutate_detection(const YamlNode& detection) {
        for (const YamlEntry& entry : detection.entries) {
            if (entry.key == "condition") {
                mutate_condition(entry.value);
            } else if (entry.value.is_list()) {
                for (const YamlNode& map : entry.value.items)
                    mutate_selection(entry.key, map);
            } else {
                mutate_selection(entry.key, entry.value);
            }
        }
    }

    void mutate_selection(const std::string& name, const YamlNode& map) {
        if (!map.entries.empty())
            change(range_of(map.entries.front()), std::string(kNever), name + " never holds");
        for (const YamlEntry& item : map.entries) {
            change(range_of(item), std::string(kAlways), "without the term");
            mutate_value(item);
        }
    }

    [[nodiscard]] Range range_of(const YamlEntry& item) const {
        return {offset_of(item.place), range_of(item.value).end};
    }

    void mutate_value(const YamlEntry& item) {
        const std::string field = item.key.substr(0, item.key.find('|'));
        const std::string modifiers = item.key.substr(field.size());
        if (modifiers.find("|exists") != std::string::npos) {
            change(range_of(item.value), item.value.text == "true" ? "false" : "true", item.key);
        } else if (modifiers.find("fieldref") != std::string::npos) {
            mutate_comparison(item);
        } else if (modifiers.find("|lt") != std::string::npos || modifiers.find("|gt") != std::string::npos) {
            move_number(item.value, item.key);
        } else if (item.value.is_list()) {
            mutate_list(item.value, item.key);
            change(range_of(item), field + "|exists: true", "any value");
        } else {
            change(range_of(item), field + "|exists: true", "any value");
            if (number_of_scalar(item.value.scalar())) move_number(item.value, item.key);
        }
        if (const auto star = field.find('*'); star != std::string::npos)
            change(key_range(item), field.substr(0, star) + modifiers, "one factor only");
    }

    [[nodiscard]] Range key_range(const YamlEntry& item) const {
        const std::size_t begin = offset_of(item.place);
        return {begin, begin + item.key.size()};
    }

    // `a|gte|fieldref: b`: the two being equal is the boundary.
    void mutate_comparison(const YamlEntry& item) {
        for (const auto& [one, other] : {std::pair("|gte", "|gt"), std::pair("|gt|", "|gte|"),
                                         std::pair("|lte", "|lt"), std::pair("|lt|", "|lte|")})
            if (const auto at = item.key.find(one); at != std::string::npos) {
                std::string key = item.key;
                change(key_range(item), key.replace(at, std::string_view(one).size(), other), item.key);
                return;
            }
    }

    void move_number(const YamlNode& value, const std::string& what) {
        const auto number = number_of_scalar(value.scalar());
        if (!number) return;
        const double step = *number == std::floor(*number) ? 1 : 0.01;
        for (const double moved : {*number - step, *number + step}) {
            char buffer[32];
            const auto [end, error] =
                std::to_chars(buffer, buffer + sizeof buffer, std::round(moved * 100) / 100);
            change(range_of(value), std::string(buffer, end), what);
        }
    }

    // Leaves one out by saying another twice.
    void mutate_list(const YamlNode& list, const std::string& what) {
        for (std::size_t i = 0; i < list.items.size() && list.items.size() > 1; ++i)
            change(range_of(list.items[i]), list.items[i == 0 ? 1 : 0].text, what);
    }

    void mutate_condition(const YamlNode& condition) {
        const std::size_t begin = offset_of(condition.place) + (condition.quoted ? 1 : 0);
        const auto swap = [&](std::string_view word, const std::string& replacement) {
            for (auto at = condition.text.find(word); at != std::string::npos;
                 at = condition.text.find(word, at + word.size()))
                change({begin + at, begin + at + word.size()}, replacement, "condition");
        };
        swap(" and ", " or ");
        swap(" or ", " and ");
        swap("not ", "");
        swap("1 of ", "all of ");
        swap("all of ", "1 of ");
    }

    // --- correlations and absences

    void mutate_window(const YamlNode& window) {
        for (const YamlEntry& entry : window.entries) {
            if (entry.key == "timespan") move_timespan(entry.value);
            if (entry.key == "group-by") mutate_group(entry.value);
            if (entry.key == "type" && entry.value.text == "temporal_ordered")
                change(range_of(entry.value), "temporal", "type");
            if (entry.key == "rules" && entry.value.items.size() > 1 && window.find("condition") != nullptr &&
                window.find("condition")->value.is_map())
                mutate_list(entry.value, "rules");
            if (entry.key != "condition") continue;
            if (entry.value.is_scalar()) mutate_condition(entry.value);
            for (const YamlEntry& comparison : entry.value.entries)
                if (comparison.key != "field") move_number(comparison.value, comparison.key);
        }
    }

    void move_timespan(const YamlNode& timespan) {
        const auto value = parse_timespan(timespan.text);
        if (!value) return;
        // A span has at most six digits: long ones are moved by an hour.
        const bool is_long = value->count() >= 1'000'000'000;
        const auto units = value->count() / (is_long ? 3'600'000 : 1000);
        for (const auto moved : {units - 1, units + 1})
            change(range_of(timespan), std::to_string(moved) + (is_long ? "h" : "s"), "timespan");
    }

    void mutate_group(const YamlNode& fields) {
        for (const YamlNode& field : fields.items)
            change(range_of(field), std::string(kNoField), "group-by");
    }

    // --- the sallyport block

    void mutate_block(const YamlNode& block) {
        for (const YamlEntry& entry : block.entries) {
            if (entry.key == "windows")
                for (const YamlEntry& window : entry.value.entries)
                    change(range_of(window.value), window.value.text == "critical" ? "low" : "critical",
                           "windows." + window.key);
            if (entry.key == "clear")
                if (const YamlEntry* fields = entry.value.find("group-by")) mutate_group(fields->value);
            if (entry.key == "parameters")
                for (const YamlEntry& parameter : entry.value.entries)
                    mutate_parameter(parameter);
        }
    }

    // What policy fixes must not be loosened by a site.
    void mutate_parameter(const YamlEntry& parameter) {
        const YamlEntry* basis = parameter.value.find("basis");
        if (basis != nullptr && basis->value.text == "policy")
            change(range_of(basis->value), "project", parameter.key + ".basis");
    }

    std::string text_;
    std::vector<std::size_t> line_starts_;
    std::set<std::string> seen_{text_};
    std::vector<Mutant> mutants_;
};

}  // namespace

std::vector<Mutant> mutants_of(const Source& source) {
    return Mutator(source).take();
}

}  // namespace sallyport::rules
