// SPDX-License-Identifier: Apache-2.0
//
// What a rule's state is kept by: the values of its `group-by` fields, in the fields' order.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/value.hpp"

namespace sallyport::rules {

using Group = std::vector<std::string>;

[[nodiscard]] Group group_of(const std::vector<std::string>& fields, const Record& record);
// False for a match that has none of the fields: it belongs to nobody, and those of nobody do not belong
// together.
[[nodiscard]] bool names_any(const Group& group);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> named(const std::vector<std::string>& fields,
                                                                     const Group& group);
// The group as fields of an event.
[[nodiscard]] Record record_of(const std::vector<std::string>& fields, const Group& group);
// A JSON list of its values, and back; nothing where the text is none.
[[nodiscard]] std::string text_of_group(const Group& group);
[[nodiscard]] std::optional<Group> group_from(std::string_view text);

}  // namespace sallyport::rules
