// SPDX-License-Identifier: Apache-2.0
//
// An account name as any client may have made it up, fit for an event: at most 128 bytes of valid UTF-8
// without control characters. What does not fit becomes `?`, so that a hostile name is still told from its
// neighbours.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::agent {

[[nodiscard]] std::string account_label(std::string_view account);

}  // namespace sallyport::agent
