// SPDX-License-Identifier: Apache-2.0
//
// Every version of every register entry in memory, so that an event is enriched without a query. Immutable once
// loaded; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/register_repository.hpp"

namespace sallyport::registers {

// For which time, and by whose knowledge (system.md 9.8).
struct Moment {
    WallTime as_of{};
    WallTime known_at{};
};

class RegisterSnapshot {
public:
    [[nodiscard]] static Result<RegisterSnapshot> load(Database& reader);

    // What held and was known at that moment, or nullptr.
    [[nodiscard]] const Record* find(std::string_view register_name, std::string_view id, Moment moment) const;
    // Likewise, with what is known of the entry beside its data.
    [[nodiscard]] const store::RegisterEntry* find_entry(std::string_view register_name, std::string_view id,
                                                         Moment moment) const;
    // All entries whose field is, or as a set contains, that text.
    using Visit = std::function<void(const std::string& id, const Record& data)>;
    void each_with(std::string_view register_name, std::string_view field, std::string_view text, Moment moment,
                   const Visit& visit) const;
    // All entries, in the order of their ids.
    void each(std::string_view register_name, Moment moment, const Visit& visit) const;

private:
    using Versions = std::vector<store::RegisterEntry>;
    void index(const std::string& register_name, const store::RegisterEntry& entry);

    std::map<std::string, std::unordered_map<std::string, Versions>, std::less<>> registers_;
    // `register/field/text` -> ids of which some version has it
    std::unordered_map<std::string, std::vector<std::string>> by_field_;
};

}  // namespace sallyport::registers
