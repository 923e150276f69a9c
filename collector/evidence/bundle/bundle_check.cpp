// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/bundle_check.hpp"

#include "collector/evidence/bundle/line_check.hpp"

namespace sallyport::evidence {

BundleReport check_bundle(std::string_view file, std::span<const PublicKey> keys) {
    BundleReport report;
    auto bundle = open_bundle(file, keys, report.faults);
    // What was changed after it was signed is not asked what it means.
    if (!bundle) return report;
    report.manifest = bundle->manifest;
    LineCheck(*bundle, keys, report).run();
    return report;
}

}  // namespace sallyport::evidence
