// SPDX-License-Identifier: Apache-2.0
//
// The registers, read: which there are, the entries of one as of a time and as known at another, one entry with its
// history. Who sees which columns is decided here (dictionary, section 15); changes come by `sallyportctl`.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

// Those that the asker may read, with their columns.
[[nodiscard]] Response list_registers(const Request& request, Context& context);
[[nodiscard]] Response list_register(const Request& request, Context& context);
[[nodiscard]] Response show_register_entry(const Request& request, Context& context);

}  // namespace sallyport::api
