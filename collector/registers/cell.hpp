// SPDX-License-Identifier: Apache-2.0
//
// One cell as text and as the value that the register keeps. write_cell(read_cell(text)) is the canonical spelling of
// the same value. Pure.
#pragma once

#include <string>
#include <string_view>

#include "collector/registers/register_catalogue.hpp"
#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport::registers {

// Of a text that is not empty. The error is a phrase for people: what the cell should be.
[[nodiscard]] Result<Value> read_cell(const Column& column, std::string_view text);
// Null is the empty cell.
[[nodiscard]] std::string write_cell(const Value& value);

}  // namespace sallyport::registers
