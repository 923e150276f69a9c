// SPDX-License-Identifier: Apache-2.0
//
// What the papers have in common that the agency signs for one terminal and a person carries there: the register is asked,
// the collector's key signs, the audit log has it before the file is there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "collector/ctl/invocation.hpp"
#include "protocol/crypto.hpp"
#include "protocol/value.hpp"

namespace sallyport::ctl {

// What the register says of it now; not_found where it is not in it.
[[nodiscard]] Result<Record> registered(Database& database, std::string_view register_name, std::string_view id,
                                        WallTime now);
// `authority`: the authority's folder; empty: the configuration's.
[[nodiscard]] Result<SigningKey> collector_signing_key(Invocation& invocation, const std::filesystem::path& authority);
// Logs the act (`terminal.permit_...`) with its detail, then writes the file.
[[nodiscard]] Result<void> hand_out(const Invocation& invocation, Database& database, std::string_view action,
                                    const std::string& terminal, const Record& detail, const std::filesystem::path& out,
                                    const std::string& text);

}  // namespace sallyport::ctl
