// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/summary.hpp"

#include "rules/engine/event_view.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::size_t kValueBytesMax = 128;

std::string value_for(std::string_view field, const Record& fields) {
    if (field == "operator_account" || field == "operator.ref") {
        const std::string ref = rules::field_text(fields, "operator.ref");
        return ref.empty() ? "a person not in the register" : ref;
    }
    std::string text;
    const Value* value = fields.find(field);
    if (const auto* list = value == nullptr ? nullptr : value->as<List>()) {
        for (const Value& item : *list)
            text += (text.empty() ? "" : ", ") + rules::text_of_scalar(item).value_or("");
    } else {
        text = rules::field_text(fields, std::string(field));
    }
    if (text.size() > kValueBytesMax) {
        std::size_t end = kValueBytesMax;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)  // not inside a letter
            --end;
        text = text.substr(0, end) + "...";
    }
    return text.empty() ? "unknown" : text;
}

}  // namespace

std::string fill_summary(std::string_view sentence, const Record& fields) {
    std::string filled;
    while (!sentence.empty()) {
        const auto open = sentence.find('{');
        const auto close = sentence.find('}', open);
        filled += sentence.substr(0, open);
        if (open == std::string_view::npos || close == std::string_view::npos)
            return open == std::string_view::npos ? filled : filled + std::string(sentence.substr(open));
        filled += value_for(sentence.substr(open + 1, close - open - 1), fields);
        sentence.remove_prefix(close + 1);
    }
    return filled;
}

}  // namespace sallyport::alerts
