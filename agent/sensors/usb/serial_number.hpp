// SPDX-License-Identifier: Apache-2.0
//
// How much a serial number is worth. Many cheap sticks share one, or have none: what such a number names is a model,
// and whoever allows it allows every stick of that model.
#pragma once

#include <string_view>

namespace sallyport::agent {

// False for what no maker gives to one device alone: nothing, fewer than six letters and digits, one or two of them
// repeated, the alphabet or the numbers in order, characters that are not printable ASCII. The mass-storage class asks
// for twelve digits (Bulk-Only Transport 1.0 section 4.1.1); six is what honest other devices have.
[[nodiscard]] bool names_one_device(std::string_view serial);

}  // namespace sallyport::agent
