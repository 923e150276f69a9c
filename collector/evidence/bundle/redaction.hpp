// SPDX-License-Identifier: Apache-2.0
//
// What a bundle leaves out (decisions 20 and 21). In every form: what only the keepers of the register may know of a
// person's clearance. In the redacted form also: each line that names an account, of which leaf, proof and reason stay, and
// a copy with a pseudonym in the account's place; and who the people of the registers are. One thread.
#pragma once

#include <map>
#include <string>

#include "collector/evidence/bundle/entries.hpp"
#include "collector/evidence/bundle/manifest.hpp"
#include "collector/registers/register_snapshot.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::evidence {

class Redaction {
public:
    // The registers outlive it.
    Redaction(BundleForm form, const registers::RegisterSnapshot& registers, WallTime now);

    // Withholds the line if it has to be.
    void apply(EventEntry& entry);
    // An entry's data as the bundle may show it.
    [[nodiscard]] Record shown(std::string_view register_name, const Record& data) const;
    // Whether the audit trail may show what that role did: nobody outside the PSD learns what the PSD looked at.
    [[nodiscard]] bool shows_acts_of(std::string_view role) const;
    [[nodiscard]] BundleForm form() const { return form_; }

private:
    [[nodiscard]] std::string pseudonym_of(const std::string& account);

    BundleForm form_;
    std::map<std::string, std::string, std::less<>> known_;    // account -> operator_ref
    std::map<std::string, std::string, std::less<>> unknown_;  // account -> what it is called in this bundle
};

}  // namespace sallyport::evidence
