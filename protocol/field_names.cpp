// SPDX-License-Identifier: Apache-2.0
#include "protocol/field_names.hpp"

#include <bit>
#include <map>

namespace sallyport {

FieldNames::FieldNames(const std::vector<std::string>& names) : size_(names.size()) {
    std::vector<Rest> rests;
    for (std::size_t i = 0; i < names.size(); ++i)
        rests.push_back({static_cast<int>(i), names[i]});
    add_level(rests);
}

int FieldNames::add_level(const std::vector<Rest>& rests) {
    struct Key {
        int field = kNone;
        std::vector<Rest> longer;
    };
    std::map<std::string_view, Key> keys;
    for (const Rest& rest : rests) {
        keys[rest.name].field = rest.field;
        for (auto dot = rest.name.find('.'); dot != std::string_view::npos;
             dot = rest.name.find('.', dot + 1))
            keys[rest.name.substr(0, dot)].longer.push_back({rest.field, rest.name.substr(dot + 1)});
    }
    const auto level = static_cast<int>(levels_.size());
    const auto width = std::bit_ceil(static_cast<std::uint32_t>(keys.size()) * 2 + 1);
    levels_.push_back({static_cast<std::uint32_t>(slots_.size()), width - 1});
    slots_.resize(slots_.size() + width);
    for (const auto& [name, key] : keys) {
        const Found found{key.field, key.longer.empty() ? kNone : add_level(key.longer)};
        const Level table = levels_[static_cast<std::size_t>(level)];
        std::uint32_t at = hash(name) & table.mask;
        while (slots_[table.first + at].length != kFree)
            at = (at + 1) & table.mask;
        slots_[table.first + at] = {static_cast<std::uint32_t>(text_.size()),
                                    static_cast<std::uint32_t>(name.size()), found};
        text_ += name;
    }
    return level;
}

}  // namespace sallyport
