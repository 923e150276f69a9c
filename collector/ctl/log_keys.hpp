// SPDX-License-Identifier: Apache-2.0
//
// Under which keys heads of the evidence log are believed on this machine.
#pragma once

#include <filesystem>
#include <vector>

#include "collector/ctl/invocation.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::ctl {

// The files given, else the collector's public key in the authority's folder (`authority`, else the configuration's).
[[nodiscard]] inline Result<std::vector<PublicKey>> log_keys(Invocation& invocation, std::vector<std::filesystem::path> files,
                                                             const std::filesystem::path& authority) {
    if (files.empty()) {
        auto folder = invocation.authority_folder(authority);
        if (!folder)
            return folder.error();
        files.push_back(*folder / "collector-signing.pub");
    }
    std::vector<PublicKey> keys;
    for (const auto& file : files) {
        auto key = PublicKey::load_pem(file);
        if (!key)
            return key.error();
        keys.push_back(std::move(*key));
    }
    return keys;
}

}  // namespace sallyport::ctl
