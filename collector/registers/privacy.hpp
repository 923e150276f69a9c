// SPDX-License-Identifier: Apache-2.0
//
// What a column says of a person (dictionary section 1, classes P0 to P2): what is shown to whom, and put into which paper, is
// decided by this and nothing else. Pure.
#pragma once

#include "collector/registers/register_catalogue.hpp"

namespace sallyport::registers {

enum class Privacy {
    open,       // P0, and people by their operator_ref
    name,       // P1: who a person is
    personnel,  // P2: of a person's clearance; Penal Code 832.7
};

[[nodiscard]] Privacy privacy_of(const Register& table, std::string_view column);

}  // namespace sallyport::registers
