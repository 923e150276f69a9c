// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/placeholders.hpp"

#include <algorithm>

#include "protocol/crypto.hpp"

namespace sallyport::rules {

PlaceholderSource lists_before(NamedLists lists, PlaceholderSource others) {
    return [lists = std::move(lists),
            others = std::move(others)](std::string_view name) -> Result<std::optional<std::vector<std::string>>> {
        if (const auto named = lists.find(name); named != lists.end()) return std::optional(named->second);
        if (!others) return std::optional<std::vector<std::string>>();
        return others(name);
    };
}

PlaceholderList summary_of(std::vector<std::string> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    Bytes framed;
    for (const std::string& value : values)
        append_framed(framed, value);
    return {values.size(), to_hex(sha256(framed))};
}

Result<std::optional<std::vector<std::string>>> PlaceholderMemory::values_of(std::string_view name) {
    names_.emplace(name);
    if (const auto known = answered_.find(name); known != answered_.end()) return std::optional(known->second);
    if (!source_) return std::optional<std::vector<std::string>>();
    auto values = source_(name);
    if (!values || !*values) return values;
    lists_.emplace(name, summary_of(**values));
    answered_.emplace(name, **values);
    return values;
}

}  // namespace sallyport::rules
