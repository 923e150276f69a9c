// SPDX-License-Identifier: Apache-2.0
#include "protocol/usbguard/rule_set.hpp"

#include <algorithm>

#include "protocol/crypto.hpp"

namespace sallyport::usbguard {
namespace {

bool is_value_of(const std::string& wanted, const std::string& found) { return wanted == found; }

bool is_value_of(const DeviceId& wanted, const DeviceId& found) {
    return (!wanted.vid || wanted.vid == found.vid) && (!wanted.pid || wanted.pid == found.pid);
}

bool is_value_of(const InterfaceType& wanted, const InterfaceType& found) {
    return wanted.type == found.type && (!wanted.subtype || wanted.subtype == found.subtype) &&
           (!wanted.protocol || wanted.protocol == found.protocol);
}

// How what a device has stands to what a rule wants.
template <class Value>
class Comparison {
public:
    Comparison(const std::vector<Value>& wanted, const std::vector<Value>& found) : wanted_(wanted), found_(found) {}

    [[nodiscard]] bool holds(Operator how) const {
        const auto has = [&](const Value& one) { return is_found(one); };
        switch (how) {
            case Operator::all_of:
                return std::all_of(wanted_.begin(), wanted_.end(), has);
            case Operator::one_of:
                return std::any_of(wanted_.begin(), wanted_.end(), has);
            case Operator::none_of:
                return std::none_of(wanted_.begin(), wanted_.end(), has);
            case Operator::match_all:
                return all_wanted();
            case Operator::equals:
                return wanted_.size() == found_.size() && all_wanted() &&
                       std::all_of(wanted_.begin(), wanted_.end(), has);
            case Operator::equals_ordered:
                return std::equal(wanted_.begin(), wanted_.end(), found_.begin(), found_.end(),
                                  [](const Value& want, const Value& has_it) { return is_value_of(want, has_it); });
        }
        return false;
    }

private:
    [[nodiscard]] bool is_found(const Value& one) const {
        return std::any_of(found_.begin(), found_.end(), [&](const Value& has) { return is_value_of(one, has); });
    }
    [[nodiscard]] bool all_wanted() const {
        return std::all_of(found_.begin(), found_.end(), [&](const Value& has) {
            return std::any_of(wanted_.begin(), wanted_.end(), [&](const Value& want) { return is_value_of(want, has); });
        });
    }

    const std::vector<Value>& wanted_;
    const std::vector<Value>& found_;
};

template <class Value>
bool stands(const std::optional<Values<Value>>& wanted, const std::vector<Value>& found) {
    return !wanted || Comparison<Value>(wanted->all, found).holds(wanted->how);
}

bool stands(const std::optional<Texts>& wanted, const std::string& found) { return stands(wanted, std::vector{found}); }

// `true` and `false` only; of a set, how many of them hold.
bool conditions_hold(const std::optional<Values<Condition>>& conditions) {
    if (!conditions) return true;
    const auto holds = [](const Condition& one) { return (one.name == "true") != one.negated; };
    const auto& all = conditions->all;
    switch (conditions->how) {
        case Operator::one_of:
            return std::any_of(all.begin(), all.end(), holds);
        case Operator::none_of:
            return std::none_of(all.begin(), all.end(), holds);
        default:
            return std::all_of(all.begin(), all.end(), holds);
    }
}

}  // namespace

RuleSet read_rule_set(std::string_view text) {
    RuleSet set;
    set.sha256 = to_hex(sha256(bytes_of(text)));
    if (text.size() > kRuleSetBytesMax) {
        set.faults.push_back({1, "more than 256 KiB"});
        return set;
    }
    std::size_t number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        auto rule = read_rule(line);
        if (!rule)
            set.faults.push_back({number, rule.error().message()});
        else if (*rule)
            set.rules.push_back({number, std::move(**rule)});
    }
    return set;
}

bool matches(const Rule& rule, const Device& device) {
    return stands(rule.id, std::vector<DeviceId>{{device.vid, device.pid}}) && stands(rule.serial, device.serial) &&
           stands(rule.name, device.name) && stands(rule.hash, device.hash) &&
           stands(rule.parent_hash, device.parent_hash) && stands(rule.via_port, device.port) &&
           stands(rule.with_interface, device.interfaces) && stands(rule.with_connect_type, device.connect_type) &&
           conditions_hold(rule.conditions);
}

Decision decide(const RuleSet& rules, const Device& device) {
    for (std::size_t at = 0; at < rules.rules.size(); ++at)
        if (matches(rules.rules[at].rule, device))
            return {rules.rules[at].rule.target == Target::allow, "rule-" + std::to_string(at + 1)};
    return {false, "default"};
}

std::string why_not_enforceable(const Rule& rule) {
    if (rule.target == Target::match || rule.target == Target::device)
        return std::string(to_text(rule.target)) + " describes a device and decides nothing";
    if (rule.conditions)
        for (const Condition& one : rule.conditions->all)
            if (one.name != "true" && one.name != "false")
                return "the condition '" + one.name + "' cannot be decided by a terminal: only true and false can";
    return {};
}

}  // namespace sallyport::usbguard
