// SPDX-License-Identifier: Apache-2.0
//
// The first line is a key with modifiers, the second a value, the rest a text that it is matched against: the
// compiled matcher and the plain meaning have to agree about it.
#include <cstdint>
#include <memory>

#include "rules/engine/item_compiler.hpp"
#include "rules/engine/matcher.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::rules;

std::optional<std::vector<std::string>> placeholders(std::string_view name) {
    if (name == "none") return std::nullopt;
    return std::vector<std::string>{std::string(name), "*"};
}

double own_threshold(const NumberTest& test) {
    return test.threshold;
}

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

// A list of values has to mean the same whether the index answers it or each predicate is asked.
void judge(const std::shared_ptr<CompiledRules>& rules, const Record& event) {
    const auto& expression = std::get<DetectionSpec>(rules->compiled.front().body).expression;
    EventView view(rules->table);
    view.read(event, {nullptr, true});
    const bool holds = evaluate(expression, [&](int predicate) {
        return view.holds(rules->table.predicates()[static_cast<std::size_t>(predicate)], own_threshold);
    });
    Matcher matcher(rules);
    if (matcher.match(event, std::nullopt, own_threshold).empty() == holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 2048) return 0;  // regular expressions of megabytes are RE2's matter
    std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto key = parse_field_key(take_line(text));
    if (const auto* message = std::get_if<std::string>(&key)) {
        if (message->empty()) __builtin_trap();
        return 0;
    }
    YamlNode node;
    node.text = take_line(text);
    node.quoted = size % 2 == 0;
    std::vector<Fault> faults;
    const Reporter report("fuzz.yml", faults);
    auto rules = std::make_shared<CompiledRules>();
    const PlaceholderSource source = placeholders;
    const auto& field = std::get<FieldKey>(key);
    auto expression = compile_item({rules->table, report, nullptr, source, -1, nullptr}, field, "", node);
    if (expression.has_value() != faults.empty()) __builtin_trap();
    if (!expression) return 0;
    DetectionSpec spec;
    spec.expression = std::move(*expression);
    rules->rules_.emplace_back();
    rules->compiled.push_back({std::move(spec), {}, {}});
    judge(rules, Record{{field.field, std::string(text)}, {"other", 1}});
    return 0;
}
