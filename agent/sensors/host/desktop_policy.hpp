// SPDX-License-Identifier: Apache-2.0
//
// What the system's administrators told the desktop about its lock and its log-on banner: dconf's key files with their locks
// (/etc/dconf/profile, /etc/dconf/db), KDE's kscreenlockerrc with its `[$i]`, and /etc/issue. A person's own settings are never read.
// Pure but for the files below `root`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::agent {

struct PolicySetting {
    std::string_view name;  // of policy.setting
    std::string value;      // lock_timeout: seconds, or `never`; else `on` or `off`
    std::string_view compliant;  // yes, no, unknown: a person may set it otherwise

    bool operator==(const PolicySetting&) const = default;
};

// Settings that nobody prescribed are not there.
[[nodiscard]] std::vector<PolicySetting> read_desktop_policy(const std::filesystem::path& root);

}  // namespace sallyport::agent
