// SPDX-License-Identifier: Apache-2.0
//
// What a rule for `product: sallyport` may name: the event's envelope and body, what the registers add
// (collector/registers/enrichment.hpp) and the terminal's running state. A field that nothing ever fills, or
// a value that a field never has, would make a rule that never fires; the checker refuses it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport::rules {

class FieldCatalogue {
public:
    // `category` is the rule's; empty: all event types.
    explicit FieldCatalogue(std::string category) : category_(std::move(category)) {}

    // Whether any event type belongs to the category.
    [[nodiscard]] bool category_exists() const;
    [[nodiscard]] bool knows(std::string_view field) const;
    // Why the field can never have this text, or nothing.
    [[nodiscard]] std::optional<std::string> why_never(std::string_view field, std::string_view text) const;

    // Whether the registers say it of a member at any time: what a gate may ask for.
    [[nodiscard]] static bool is_of_member(std::string_view field);

private:
    std::string category_;
};

// The field that names a member of that register (`terminal`), or nothing where no members are expected of
// it.
[[nodiscard]] std::string_view member_field(std::string_view each);

}  // namespace sallyport::rules
