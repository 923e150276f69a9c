// SPDX-License-Identifier: Apache-2.0
//
// The register of media and USBGuard's rules (protocol/usbguard/). What maps: an `allow` rule for one vendor and product
// and one serial number that names one device is an entry, with its hash, its name as label and its label as media_id.
// Whose it is, what for, where and how long a rule does not say: that comes from outside, the same for all. What a rule
// says beyond that is either refused, where leaving it out would allow more, or named as not kept. The register keeps no
// serial number, so that an entry can be written as a rule by its hash alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/registers/register_file.hpp"
#include "protocol/usbguard/rule_set.hpp"

namespace sallyport::registers {

// As import_register(): all or nothing, `good_rows`, `preview`. Rows are the lines of the rules. `constants`: column ->
// cell, for what rules do not say. A device that the register knows keeps its media_id.
[[nodiscard]] Result<ImportOutcome> import_usbguard_rules(Database& database, std::string_view rules,
                                                          const std::map<std::string, std::string>& constants,
                                                          const Change& change, const ImportOptions& options);

struct UsbguardRules {
    std::string text;                 // one `allow` rule an entry, sorted by media_id
    std::vector<std::string> refused;  // `M-1: why it cannot be written as a rule`
};

// Of what is issued and valid on that day; where `terminal` is given, of what is allowed there.
[[nodiscard]] Result<UsbguardRules> export_usbguard_rules(Database& database, WallTime as_of, WallTime known_at,
                                                          std::string_view terminal);

}  // namespace sallyport::registers
