// SPDX-License-Identifier: Apache-2.0
//
// Holds what a machine is against what its model's firmware-config expects (posture/posture.hpp). Pure. A fact that cannot be read
// is neither right nor wrong; firmware versions are the firmware watch's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/sensors/identity/machine.hpp"
#include "posture/posture.hpp"

namespace sallyport::agent {

// The words of the catalogue.
[[nodiscard]] std::string_view to_text(BootSource source);
[[nodiscard]] std::string_view to_text(SecureBoot state);

// One policy.setting: secure_boot (`on`, `off`, `unknown`), tpm (`present`, `absent`), boot_source, fixed_usb (`complete`, or
// `missing:` and the first port on which the expected device is not).
struct PostureFinding {
    std::string_view name;
    std::string value;
    std::string_view compliant;  // yes, no, unknown
    bool operator==(const PostureFinding&) const = default;
};

// Of what the posture speaks of.
[[nodiscard]] std::vector<PostureFinding> check_posture(const posture::TerminalPosture& posture, const BootFacts& boot,
                                                        const MachineFacts& facts);

}  // namespace sallyport::agent
