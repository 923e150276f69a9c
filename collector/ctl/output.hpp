// SPDX-License-Identifier: Apache-2.0
//
// What lists look like on a terminal: aligned columns, or JSON for programs.
#pragma once

#include <string>
#include <vector>

#include "protocol/value.hpp"

namespace sallyport::ctl {

enum class Format { table, json };

// One line an item; columns are the header's names, looked up in each item.
void print_items(const std::vector<std::string>& header, const std::vector<Record>& items, Format format);
// One item: `name: value` a line, or one JSON object.
void print_item(const Record& item, Format format);

}  // namespace sallyport::ctl
