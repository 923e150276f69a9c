// SPDX-License-Identifier: Apache-2.0
//
// An alert as the API shows it: with the names of the room and site it happened in.
#pragma once

#include "collector/store/alert_repository.hpp"
#include "protocol/value.hpp"

namespace sallyport::api {

class TerminalBoard;

[[nodiscard]] Record alert_view(const store::Alert& alert, const TerminalBoard& board);

}  // namespace sallyport::api
