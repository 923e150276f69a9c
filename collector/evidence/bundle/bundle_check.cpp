// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/bundle_check.hpp"

#include "collector/evidence/bundle/line_check.hpp"

namespace sallyport::evidence {

BundleReport check_bundle(std::string_view file, const PublicKey& key) {
    BundleReport report;
    auto bundle = open_bundle(file, key, report.faults);
    // What was changed after it was signed is not asked what it means.
    if (!bundle) return report;
    report.manifest = bundle->manifest;
    LineCheck(*bundle, key, report).run();
    return report;
}

}  // namespace sallyport::evidence
