// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/sallyport_block.hpp"

#include <algorithm>
#include <array>

#include "rules/engine/event_view.hpp"

namespace sallyport::rules {
namespace {

constexpr std::array<std::string_view, 5> kSeverities = {"info", "low", "medium", "high", "critical"};

// Reads one block; every entry has a function, and an entry without one is a fault.
class BlockReader {
public:
    BlockReader(const FieldCatalogue& catalogue, const Reporter& report, Rule& rule)
        : catalogue_(catalogue), report_(report), rule_(rule) {
        // Where nothing is said, only what may wait for a day goes to the digest.
        for (const auto severity : kSeverities)
            rule_.routing.lane_by_severity[std::string(severity)] =
                severity == "info" || severity == "low" ? "digest" : "queue";
    }

    SallyportBlock read(const YamlEntry& block) {
        if (!block.value.is_map()) {
            report_(block.value.place, "`sallyport` must be a map");
            return {};
        }
        for (const YamlEntry& entry : block.value.entries)
            read_entry(entry);
        if (!rule_.catalogue_id.empty() && rule_.summary.empty())
            report_(block.place, "`sallyport` has a catalogue id, but no summary");
        return std::move(block_);
    }

private:
    void read_entry(const YamlEntry& entry) {
        if (entry.key == "catalogue")
            rule_.catalogue_id = text(entry);
        else if (entry.key == "live_at_once")
            rule_.live_at_once = flag(entry);
        else if (entry.key == "implies")
            rule_.implies = read_texts(entry, report_);
        else if (entry.key == "summary")
            read_summary(entry);
        else if (entry.key == "object")
            read_object(entry);
        else if (entry.key == "parameters")
            read_parameters(entry);
        else if (entry.key == "routing")
            read_routing(entry);
        else if (entry.key == "clear")
            read_clear(entry);
        else if (entry.key == "windows")
            read_windows(entry);
        else if (entry.key == "needs")
            read_needs(entry);
        else
            report_(entry.place, "`sallyport` has no entry '" + entry.key + "'");
    }

    std::string text(const YamlEntry& entry) {
        if (entry.value.is_scalar() && !entry.value.text.empty()) return entry.value.text;
        report_(entry.value.place, "'" + entry.key + "' must be text");
        return {};
    }

    bool flag(const YamlEntry& entry) {
        const Value value = entry.value.scalar();
        if (const auto* found = value.as<bool>()) return *found;
        report_(entry.value.place, "'" + entry.key + "' must be true or false");
        return false;
    }

    template <class Choice, std::size_t N>
    Choice choice(const YamlEntry& entry, const std::array<std::pair<std::string_view, Choice>, N>& choices) {
        std::string names;
        for (const auto& [name, value] : choices) {
            if (entry.value.is_scalar() && entry.value.text == name) return value;
            names += (names.empty() ? "" : " or ") + std::string(name);
        }
        report_(entry.value.place, "'" + entry.key + "' must be " + names);
        return choices.front().second;
    }

    void check_field(Place place, const std::string& field) {
        if (!catalogue_.knows(field)) report_(place, "unknown field '" + field + "'");
    }

    void read_summary(const YamlEntry& entry) {
        rule_.summary = text(entry);
        std::size_t open = rule_.summary.find('{');
        while (open != std::string::npos) {
            const std::size_t close = rule_.summary.find('}', open);
            if (close == std::string::npos) {
                report_(entry.value.place, "the summary has an open `{`");
                return;
            }
            check_field(entry.value.place, rule_.summary.substr(open + 1, close - open - 1));
            open = rule_.summary.find('{', close);
        }
    }

    void read_object(const YamlEntry& entry) {
        rule_.object_fields = read_texts(entry, report_);
        for (const std::string& field : rule_.object_fields)
            check_field(entry.value.place, field);
    }

    void read_parameters(const YamlEntry& entry) {
        if (!entry.value.is_map()) return report_(entry.value.place, "`parameters` must be a map");
        for (const YamlEntry& parameter : entry.value.entries)
            read_parameter(parameter);
    }

    void read_parameter(const YamlEntry& entry) {
        if (!entry.value.is_map())
            return report_(entry.value.place, "the parameter '" + entry.key + "' must be a map");
        Parameter parameter;
        parameter.name = entry.key;
        const YamlEntry* sets = nullptr;
        bool has_basis = false;
        for (const YamlEntry& part : entry.value.entries) {
            if (part.key == "basis") {
                using Pair = std::pair<std::string_view, Basis>;
                parameter.basis =
                    choice(part, std::array{Pair{"policy", Basis::policy}, Pair{"project", Basis::project}});
                has_basis = true;
            } else if (part.key == "tighter") {
                using Pair = std::pair<std::string_view, Tighter>;
                parameter.tighter =
                    choice(part, std::array{Pair{"lower", Tighter::lower}, Pair{"higher", Tighter::higher}});
            } else if (part.key == "sets") {
                sets = &part;
            } else {
                report_(part.place, "a parameter has no entry '" + part.key + "'");
            }
        }
        if (sets == nullptr || !has_basis)
            return report_(entry.place, "the parameter '" + entry.key + "' needs `basis` and `sets`");
        const std::string path = text(*sets);
        if (block_.slots.contains(path))
            return report_(sets->value.place, "two parameters set '" + path + "'");
        block_.slots[path] = ParameterSlot{static_cast<int>(rule_.parameters.size()), false, 0};
        block_.slot_places[path] = sets->value.place;
        rule_.parameters.push_back(std::move(parameter));
    }

    void read_routing(const YamlEntry& entry) {
        for (const YamlEntry& part : entry.value.entries) {
            if (part.key == "to")
                rule_.routing.to = read_texts(part, report_);
            else if (part.key == "psd_eligible")
                rule_.routing.psd_eligible = flag(part);
            else if (part.key == "queue_from_nth_in_day")
                read_nth(part);
            else if (part.key == "lane")
                read_lanes(part);
            else
                report_(part.place, "`routing` has no entry '" + part.key + "'");
        }
        if (!entry.value.is_map()) report_(entry.value.place, "`routing` must be a map");
    }

    void read_nth(const YamlEntry& entry) {
        const auto number = number_of_scalar(entry.value.scalar());
        if (!number || *number < 1 || *number > 1000)
            return report_(entry.value.place, "'" + entry.key + "' must be a number from 1 to 1000");
        rule_.routing.queue_from_nth_in_day = static_cast<int>(*number);
    }

    void read_lanes(const YamlEntry& entry) {
        for (const YamlEntry& lane : entry.value.entries) {
            if (std::find(kSeverities.begin(), kSeverities.end(), lane.key) == kSeverities.end())
                report_(lane.place, "there is no severity '" + lane.key + "'");
            if (lane.value.text != "queue" && lane.value.text != "digest")
                report_(lane.value.place, "a lane is `queue` or `digest`");
            rule_.routing.lane_by_severity[lane.key] = lane.value.text;
        }
    }

    void read_windows(const YamlEntry& entry) {
        if (!entry.value.is_map()) report_(entry.value.place, "`windows` must be a map");
        for (const YamlEntry& window : entry.value.entries) {
            check_field(window.place, "window." + window.key);
            if (std::find(kSeverities.begin(), kSeverities.end(), window.value.text) == kSeverities.end())
                report_(window.value.place, "there is no severity '" + window.value.text + "'");
            rule_.windows[window.key] = window.value.text;
        }
    }

    void read_needs(const YamlEntry& entry) {
        rule_.needs = read_texts(entry, report_);
        for (const std::string& need : rule_.needs)
            if (const auto why = FieldCatalogue("").why_never("type", need.substr(0, need.find(':'))))
                report_(entry.value.place, *why);
    }

    void read_clear(const YamlEntry& entry) {
        ClearReference clear;
        clear.place = entry.place;
        for (const YamlEntry& part : entry.value.entries) {
            if (part.key == "rule")
                clear.rule = text(part);
            else if (part.key == "group-by")
                clear.group_by = read_texts(part, report_);
            else
                report_(part.place, "`clear` has no entry '" + part.key + "'");
        }
        for (const std::string& field : clear.group_by)
            check_field(entry.value.place, field);
        if (clear.rule.empty() || clear.group_by.empty())
            report_(entry.place, "`clear` needs `rule` and `group-by`");
        rule_.state_alert = true;
        block_.clear = std::move(clear);
    }

    const FieldCatalogue& catalogue_;
    const Reporter& report_;
    Rule& rule_;
    SallyportBlock block_;
};

}  // namespace

SallyportBlock read_sallyport_block(const YamlEntry& entry, const FieldCatalogue& catalogue,
                                    const Reporter& report, Rule& rule) {
    return BlockReader(catalogue, report, rule).read(entry);
}

std::vector<std::string> read_texts(const YamlEntry& entry, const Reporter& report) {
    std::vector<std::string> texts;
    const auto take = [&](const YamlNode& node) {
        if (node.is_scalar() && !node.text.empty())
            texts.push_back(node.text);
        else
            report(node.place, "'" + entry.key + "' must be text or a list of texts");
    };
    if (entry.value.is_list())
        for (const YamlNode& item : entry.value.items)
            take(item);
    else
        take(entry.value);
    return texts;
}

}  // namespace sallyport::rules
