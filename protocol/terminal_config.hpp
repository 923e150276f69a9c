// SPDX-License-Identifier: Apache-2.0
//
// What the collector tells a terminal on `.../config`: retained, signed, and with a version that rises; a terminal keeps the
// highest it has taken and acts on no lower one. All that can be told so far is a drill. There is no field by which a camera
// could be switched on, and there shall be none (policy-facts section 0, row 3). Format: docs/formats/drill.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/crypto.hpp"
#include "protocol/drill.hpp"

namespace sallyport {

struct TerminalConfig {
    std::string terminal;
    std::int64_t version = 0;  // at least 1
    WallTime issued_at{};
    std::optional<DrillOrder> drill;
};

[[nodiscard]] Result<std::string> encode_config(const TerminalConfig& config, const SigningKey& collector);
// Checks the schema, the signature and the drill's span. Whose it is and whether it is newer is the terminal's to ask.
[[nodiscard]] Result<TerminalConfig> decode_config(std::string_view message, const PublicKey& collector);

}  // namespace sallyport
