// SPDX-License-Identifier: Apache-2.0
//
// The page of a bundle that people read first: one HTML file that needs no network, no script and no other file. It says
// the same as the other members; where they differ, those count. Pure.
#pragma once

#include <string>
#include <vector>

#include "collector/evidence/bundle/case_file.hpp"
#include "collector/evidence/bundle/entries.hpp"
#include "collector/evidence/bundle/explanations.hpp"
#include "collector/evidence/bundle/limits.hpp"
#include "collector/evidence/bundle/manifest.hpp"

namespace sallyport::evidence {

struct ReadMe {
    const Manifest& manifest;  // its members are not looked at
    const CaseFile& file;
    const std::vector<EventEntry>& events;
    const std::vector<Explanation>& explanations;
    const std::vector<Limit>& limits;
    std::string key_fingerprint;  // SHA-256 of the collector's public key, lower-case hex
};

[[nodiscard]] std::string read_me_page(const ReadMe& about);

}  // namespace sallyport::evidence
