// SPDX-License-Identifier: Apache-2.0
//
// What must hold between the cells of an entry, and between entries (dictionary sections 3 to 7, with the policy that
// asks for it). Bounds of single cells are the business of register_catalogue. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/registers/register_catalogue.hpp"
#include "collector/registers/register_view.hpp"

namespace sallyport::registers {

struct ColumnFault {
    std::string column;
    std::string reason;
};

// Fills in what follows from other cells, and forces what policy decides; returns what was forced against the file.
[[nodiscard]] std::vector<ColumnFault> complete_entry(const Register& table, Record& data, const RegisterView& view);
// The columns that a licensed terminal must have and this one has not (dictionary section 4, decision 25).
[[nodiscard]] std::vector<std::string_view> missing_of_licensed(const Record& terminal);
// Every constraint that the entry breaks. `ori` is the agency it belongs to.
[[nodiscard]] std::vector<ColumnFault> check_entry(const Register& table, const std::string& id, const Record& data,
                                                   const RegisterView& view, std::string_view ori);
// No recording in rest rooms, locker rooms and rooms for changing clothes (Labor Code 435).
[[nodiscard]] bool camera_is_forbidden_in(std::string_view room_type);

}  // namespace sallyport::registers
