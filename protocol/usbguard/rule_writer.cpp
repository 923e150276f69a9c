// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "protocol/bytes.hpp"
#include "protocol/usbguard/rule.hpp"
#include "protocol/usbguard/rule_words.hpp"

namespace sallyport::usbguard {
namespace {

std::string hex2(std::uint8_t number) { return to_hex(std::array{number}); }

std::string hex4(std::uint16_t number) {
    return hex2(static_cast<std::uint8_t>(number >> 8)) + hex2(static_cast<std::uint8_t>(number & 0xff));
}

std::string written(const DeviceId& id) {
    return (id.vid ? hex4(*id.vid) : "*") + ":" + (id.pid ? hex4(*id.pid) : "*");
}

std::string written(const InterfaceType& one) {
    return hex2(one.type) + ":" + (one.subtype ? hex2(*one.subtype) : "*") + ":" +
           (one.protocol ? hex2(*one.protocol) : "*");
}

std::string written(const Condition& one) {
    return (one.negated ? "!" : "") + one.name + (one.argument ? "(" + *one.argument + ")" : "");
}

std::string written(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += std::string("\\") + c;
        else if (c < ' ' || c > '~')
            out += "\\x" + hex2(static_cast<std::uint8_t>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string_view word_of(Operator how) {
    return std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& one) { return one.second == how; })->first;
}

template <class Value>
void append(std::string& line, std::string_view name, const std::optional<Values<Value>>& values) {
    if (!values) return;
    line += " " + std::string(name) + " ";
    const bool bare = values->all.size() == 1 && values->how == Operator::equals;
    if (!bare) line += values->how == Operator::equals ? "{ " : std::string(word_of(values->how)) + " { ";
    for (const Value& value : values->all)
        line += written(value) + (bare ? "" : " ");
    if (!bare) line += "}";
}

}  // namespace

std::string_view to_text(Target target) {
    return std::find_if(kTargets.begin(), kTargets.end(), [&](const auto& one) { return one.second == target; })->first;
}

std::string write_rule(const Rule& rule) {
    std::string line(to_text(rule.target));
    append(line, "id", rule.id);
    append(line, "serial", rule.serial);
    append(line, "name", rule.name);
    append(line, "hash", rule.hash);
    append(line, "parent-hash", rule.parent_hash);
    append(line, "via-port", rule.via_port);
    append(line, "with-interface", rule.with_interface);
    append(line, "with-connect-type", rule.with_connect_type);
    append(line, "label", rule.label);
    append(line, "if", rule.conditions);
    if (rule.key) line += " key " + written(*rule.key);
    return line;
}

}  // namespace sallyport::usbguard
