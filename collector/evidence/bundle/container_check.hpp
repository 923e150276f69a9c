// SPDX-License-Identifier: Apache-2.0
//
// Opens a bundle without believing any of it. The manifest comes first; once its signature holds, names, sizes and hashes
// of all else are known, and with them every byte of the file that is not content: it is compared, not interpreted. So a
// path that leads elsewhere, a link, a member twice, a size without end have no place to stand. Memory: the manifest, and
// views into the file. Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/evidence/bundle/manifest.hpp"

namespace sallyport::evidence {

struct BundleFault {
    std::string member;  // a name of the format; `end of file` for what follows the last member
    std::string reason;
};

struct OpenedBundle {
    Manifest manifest;
    std::map<std::string, std::string_view, std::less<>> members;  // without the manifest; into the file's bytes

    // Empty when there is no such member.
    [[nodiscard]] std::string_view content(std::string_view name) const;
};

// Nothing when there are faults: they name what differs from what was signed.
[[nodiscard]] std::optional<OpenedBundle> open_bundle(std::string_view file, std::span<const PublicKey> keys,
                                                      std::vector<BundleFault>& faults);

}  // namespace sallyport::evidence
