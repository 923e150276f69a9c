// SPDX-License-Identifier: Apache-2.0
//
// The CLETS mnemonic as the client's own configuration has it (decision 23; rules IDN-03, IDN-04).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sallyport::agent {

struct MnemonicSource {
    std::filesystem::path file;  // empty: nowhere
    std::string pattern;         // a line with a `*` where the mnemonic stands, as `MNEMONIC=*`
};

// Of the first line that fits; nothing when none does, or what stands there is no mnemonic (1 to 25 of A-Z and 0-9).
[[nodiscard]] std::optional<std::string> read_mnemonic(const MnemonicSource& source);

}  // namespace sallyport::agent
