// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "protocol/usbguard/rule.hpp"
#include "protocol/usbguard/rule_words.hpp"

namespace sallyport::usbguard {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Goes through one line; the first thing that is wrong ends it.
class RuleReader {
public:
    explicit RuleReader(std::string_view line) : line_(line) {}

    Result<std::optional<Rule>> read();

private:
    [[nodiscard]] bool at_end() const { return at_ == line_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : line_[at_]; }
    [[nodiscard]] Error fault(std::string_view why) const {
        return Error(Errc::bad_input, "column " + std::to_string(at_ + 1) + ": " + std::string(why));
    }
    bool skip_blanks() {
        const std::size_t before = at_;
        while (is_blank(peek())) ++at_;
        return at_ > before;
    }
    [[nodiscard]] bool rest_is_comment() const { return at_end() || peek() == '#'; }
    // Letters, digits and hyphens.
    std::string_view word() {
        const std::size_t from = at_;
        while (is_letter(peek()) || is_digit(peek()) || peek() == '-') ++at_;
        return line_.substr(from, at_ - from);
    }
    std::optional<unsigned> hex(std::size_t digits);

    Result<void> read_attribute(Rule& rule);
    Result<void> read_key(Rule& rule);
    Result<std::string> text();
    Result<void> read_escape(std::string& into);
    Result<DeviceId> device_id();
    Result<InterfaceType> interface_type();
    Result<Condition> condition();
    Result<std::string> argument();

    template <class Value>
    Result<void> values(std::optional<Values<Value>>& into, Result<Value> (RuleReader::*read_one)());
    template <class Value>
    Result<void> set(Values<Value>& into, Result<Value> (RuleReader::*read_one)());

    std::string_view line_;
    std::size_t at_ = 0;
};

Result<std::optional<Rule>> RuleReader::read() {
    skip_blanks();
    if (rest_is_comment()) return std::optional<Rule>();
    Rule rule;
    const std::string_view target = word();
    const auto* known = std::find_if(kTargets.begin(), kTargets.end(), [&](const auto& one) { return one.first == target; });
    if (known == kTargets.end()) return fault("allow, block, reject, match or device was expected");
    rule.target = known->second;
    bool first = true;
    while (!at_end()) {
        const bool apart = skip_blanks();
        if (rest_is_comment()) break;
        if (!apart) return fault("a blank was expected");
        if (rule.key) return fault("nothing may follow the key");
        // The number of a device may stand first without a word.
        const bool number = first && (peek() == '*' || line_.substr(at_).find(':') == 4);
        auto done = number ? values(rule.id, &RuleReader::device_id) : read_attribute(rule);
        if (!done) return done.error();
        first = false;
    }
    return std::optional(std::move(rule));
}

Result<void> RuleReader::read_attribute(Rule& rule) {
    const std::size_t from = at_;
    const std::string_view name = word();
    if (name.empty() || !is_blank(peek())) {
        at_ = from;
        return fault("an attribute and a blank were expected");
    }
    skip_blanks();
    if (name == "id") return values(rule.id, &RuleReader::device_id);
    if (name == "with-interface") return values(rule.with_interface, &RuleReader::interface_type);
    if (name == "if") return values(rule.conditions, &RuleReader::condition);
    if (name == "key") return read_key(rule);
    const std::pair<std::string_view, std::optional<Texts>*> texts[] = {
        {"serial", &rule.serial},           {"name", &rule.name},
        {"hash", &rule.hash},               {"parent-hash", &rule.parent_hash},
        {"via-port", &rule.via_port},       {"with-connect-type", &rule.with_connect_type},
        {"label", &rule.label}};
    for (const auto& [known, into] : texts)
        if (name == known) return values(*into, &RuleReader::text);
    at_ = from;
    return fault("there is no attribute '" + std::string(name) + "'");
}

Result<void> RuleReader::read_key(Rule& rule) {
    auto key = text();
    if (!key) return key.error();
    rule.key = std::move(*key);
    return {};
}

template <class Value>
Result<void> RuleReader::values(std::optional<Values<Value>>& into, Result<Value> (RuleReader::*read_one)()) {
    if (into) return fault("this attribute was given already");
    Values<Value> found;
    const std::size_t from = at_;
    const std::string_view name = is_letter(peek()) ? word() : std::string_view();
    const auto* known =
        std::find_if(kOperators.begin(), kOperators.end(), [&](const auto& one) { return one.first == name; });
    if (known != kOperators.end() && skip_blanks() && peek() == '{') {
        found.how = known->second;
    } else {
        at_ = from;
    }
    if (peek() == '{') {
        if (auto done = set(found, read_one); !done) return done;
    } else {
        auto one = (this->*read_one)();
        if (!one) return one.error();
        found.all.push_back(std::move(*one));
    }
    into = std::move(found);
    return {};
}

template <class Value>
Result<void> RuleReader::set(Values<Value>& into, Result<Value> (RuleReader::*read_one)()) {
    ++at_;
    skip_blanks();
    for (;;) {
        auto one = (this->*read_one)();
        if (!one) return one.error();
        into.all.push_back(std::move(*one));
        const bool apart = skip_blanks();
        if (peek() == '}') break;
        if (!apart) return fault("a blank or } was expected");
    }
    ++at_;
    return {};
}

std::optional<unsigned> RuleReader::hex(std::size_t digits) {
    unsigned number = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        const int value = at_ + i < line_.size() ? hex_value(line_[at_ + i]) : -1;
        if (value < 0) return std::nullopt;
        number = number * 16 + static_cast<unsigned>(value);
    }
    at_ += digits;
    return number;
}

Result<DeviceId> RuleReader::device_id() {
    DeviceId id;
    const auto half = [&](std::optional<std::uint16_t>& into) {
        if (peek() == '*') {
            ++at_;
            return true;
        }
        const auto number = hex(4);
        if (number) into = static_cast<std::uint16_t>(*number);
        return number.has_value();
    };
    if (!half(id.vid)) return fault("four hex digits or * were expected");
    if (peek() != ':') return fault("a colon was expected");
    ++at_;
    if (!half(id.pid)) return fault("four hex digits or * were expected");
    if (!id.vid && id.pid) return fault("a product without its vendor is none");
    return id;
}

Result<InterfaceType> RuleReader::interface_type() {
    InterfaceType found;
    const auto type = hex(2);
    if (!type) return fault("two hex digits were expected");
    found.type = static_cast<std::uint8_t>(*type);
    for (auto* part : {&found.subtype, &found.protocol}) {
        if (peek() != ':') return fault("a colon was expected");
        ++at_;
        if (peek() == '*') {
            ++at_;
            continue;
        }
        const auto number = hex(2);
        if (!number) return fault("two hex digits or * were expected");
        *part = static_cast<std::uint8_t>(*number);
    }
    if (!found.subtype && found.protocol) return fault("a protocol without its subclass is none");
    return found;
}

Result<std::string> RuleReader::text() {
    if (peek() != '"') return fault("a text in double quotes was expected");
    ++at_;
    std::string found;
    while (!at_end() && peek() != '"') {
        const char c = line_[at_++];
        if (c == '\r' || c == '\n') return fault("a text ends on its line");
        if (c != '\\') {
            found += c;
        } else if (auto done = read_escape(found); !done) {
            return done.error();
        }
    }
    if (at_end()) return fault("the text is not ended");
    ++at_;
    return found;
}

// \xHH, \D to \DDD, or one letter.
Result<void> RuleReader::read_escape(std::string& into) {
    constexpr std::string_view kLetters = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
    if (peek() == 'x') {
        ++at_;
        const auto number = hex(2);
        if (!number) return fault("two hex digits were expected");
        into += static_cast<char>(*number);
        return {};
    }
    if (is_digit(peek())) {
        int number = 0;
        for (int digits = 0; digits < 3 && is_digit(peek()); ++digits)
            number = number * 10 + (line_[at_++] - '0');
        if (number > 255) return fault("a byte was expected");
        into += static_cast<char>(number);
        return {};
    }
    const auto known = at_end() ? std::string_view::npos : kLetters.find(peek());
    if (known == std::string_view::npos) return fault("there is no such escape");
    ++at_;
    into += kMeanings[known];
    return {};
}

Result<Condition> RuleReader::condition() {
    Condition found;
    if (peek() == '!') {
        found.negated = true;
        ++at_;
    }
    found.name = is_letter(peek()) ? std::string(word()) : std::string();
    const auto* known = std::find_if(kConditions.begin(), kConditions.end(),
                                     [&](const auto& one) { return one.first == found.name; });
    if (known == kConditions.end()) return fault("there is no condition '" + found.name + "'");
    if (peek() == '(') {
        if (known->second == Argument::none) return fault("this condition takes no argument");
        auto given = argument();
        if (!given) return given.error();
        found.argument = std::move(*given);
    } else if (known->second == Argument::needed) {
        return fault("this condition needs an argument");
    }
    return found;
}

// Kept as written: quotes and escapes are the condition's own.
Result<std::string> RuleReader::argument() {
    const std::size_t from = ++at_;
    while (!at_end() && peek() != ')')
        at_ += peek() == '\\' && at_ + 1 < line_.size() ? 2u : 1u;
    if (at_end()) return fault("the bracket is not closed");
    const std::string_view found = line_.substr(from, at_ - from);
    ++at_;
    if (found.empty()) return fault("an empty argument says nothing");
    return std::string(found);
}

}  // namespace

Result<std::optional<Rule>> read_rule(std::string_view line) { return RuleReader(line).read(); }

}  // namespace sallyport::usbguard
