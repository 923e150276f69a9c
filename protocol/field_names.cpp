// SPDX-License-Identifier: Apache-2.0
#include "protocol/field_names.hpp"

#include <bit>
#include <map>

namespace sallyport {

// Names become levels of tables. What is left of a name behind a path depends on that path alone, however it is cut into
// keys: each path is one level, or a name of n dots would make 2^n of them.
class FieldNames::Builder {
public:
    Builder(FieldNames& made, const std::vector<std::string>& names) : made_(made), names_(names) {}

    // Of the names that begin with this path, which is empty or ends in a dot.
    int add_level(const std::string& path) {
        if (const auto known = levels_.find(path); known != levels_.end()) return known->second;
        const auto level = static_cast<int>(made_.levels_.size());
        levels_.emplace(path, level);
        const auto keys = keys_behind(path);
        const auto width = std::bit_ceil(static_cast<std::uint32_t>(keys.size()) * 2 + 1);
        made_.levels_.push_back({static_cast<std::uint32_t>(made_.slots_.size()), width - 1});
        made_.slots_.resize(made_.slots_.size() + width);
        for (const auto& [key, found] : keys)
            put(level, key, {found.field, found.goes_on ? add_level(path + std::string(key) + ".") : kNone});
        return level;
    }

private:
    struct Key {
        int field = kNone;
        bool goes_on = false;
    };

    [[nodiscard]] std::map<std::string_view, Key> keys_behind(const std::string& path) const {
        std::map<std::string_view, Key> keys;
        for (std::size_t i = 0; i < names_.size(); ++i) {
            if (!names_[i].starts_with(path)) continue;
            const std::string_view rest = std::string_view(names_[i]).substr(path.size());
            keys[rest].field = static_cast<int>(i);
            for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.', dot + 1))
                keys[rest.substr(0, dot)].goes_on = true;
        }
        return keys;
    }

    void put(int level, std::string_view key, Found found) {
        const Level table = made_.levels_[static_cast<std::size_t>(level)];
        std::uint32_t at = hash(key) & table.mask;
        while (made_.slots_[table.first + at].length != kFree)
            at = (at + 1) & table.mask;
        made_.slots_[table.first + at] = {static_cast<std::uint32_t>(made_.text_.size()),
                                          static_cast<std::uint32_t>(key.size()), found};
        made_.text_ += key;
    }

    FieldNames& made_;
    const std::vector<std::string>& names_;
    std::map<std::string, int> levels_;
};

FieldNames::FieldNames(const std::vector<std::string>& names) : size_(names.size()) {
    Builder(*this, names).add_level({});
}

}  // namespace sallyport
