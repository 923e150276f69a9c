// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/limits.hpp"

#include <algorithm>

namespace sallyport::evidence {
namespace {

constexpr Limit kLimits[] = {
    {"", "A line names the account that was logged on, if any. It does not say which person sat there."},
    {"", "No line holds what was asked of CLETS or answered. Whether criminal justice information was on the screen, copied or "
         "printed is not known."},
    {"", "A proof shows that a line is as the terminal's key signed it, and that the log has not been changed since its head was "
         "signed. It does not show that what the terminal's software measured was true: whoever ruled the terminal's operating "
         "system before a line was signed could have had it say something else."},
    {"", "Times of events are the terminal's clock; the time of receipt is the collector's. The chain shows in which order lines of "
         "one terminal were written, and nothing shows the order between terminals but their clocks."},
    {"", "Incident, alerts, register entries, audit trail, the checks and the times of receipt are what the collector states. They are "
         "covered by the signature on the manifest, and by no signature of a terminal."},
    {"", "What happened while a terminal was silent, or a sensor off or absent, is not known. Nothing seen is not nothing done."},
    {"", "Only one log with one signed head is proven here. That the same head was shown to others at the time is known to those who "
         "kept it: compare heads.jsonl with theirs."},
    {"USB", "A device is known by what it says of itself. A serial number can be forged, and several devices may share one."},
    {"USB", "Which files were written is never recorded, nor their names; a number of bytes or files may be, and is what the operating "
            "system counted for the device. Reading from a device may leave no trace at all."},
    {"USB", "That a device was attached does not say who attached it, or on purpose."},
    {"PRN", "What was printed is never recorded: no title, no page. A page counted may have failed on its way to paper, and a page "
            "declared by a program is only what that program said."},
    {"PRN", "Who took the sheets from the tray, and when, is not known."},
    {"CAM", "The camera counts faces and keeps no picture: there is none to look at again. It may count a face in a picture or a "
            "mirror, and miss one that is turned away, covered or badly lit."},
    {"CAM", "Whether the person seen could read the screen, or did, is not known; nor who it was."},
    {"SES", "An unlocked session says that someone used the credential, and not that its owner did. Idle means that keyboard and mouse "
            "were not used: somebody may have sat there and read."},
    {"IDN", "Hardware is compared by what firmware and parts report. A repair that no register tells of looks like another machine; a "
            "machine that copies every number looks like the same."},
    {"FWB", "Firmware versions and measurements are what firmware and TPM report. A firmware that lies about itself is found only "
            "where the boot was measured and the right values are registered."},
    {"OPR", "Authorisation is what the registers say, and people keep them. A training done and not entered counts as not done."},
    {"AGT", "A silence, a stopped agent or a gap has many causes: power, network, an update, a hand. The line says that it was so and "
            "not why."},
    {"COR", "That events are near in time does not make one the cause of another, nor one person the cause of both."},
    {"GOV", "Deadlines and reviews rest on dates that people entered or confirmed."},
};

std::string_view kind_of(std::string_view rule_id) {
    return rule_id.substr(0, rule_id.find('-'));
}

}  // namespace

std::vector<Limit> limits_for(const std::vector<std::string_view>& rule_ids) {
    std::vector<Limit> limits;
    for (const Limit& limit : kLimits)
        if (limit.kind.empty() || std::any_of(rule_ids.begin(), rule_ids.end(), [&](std::string_view rule_id) {
                return kind_of(rule_id) == limit.kind;
            }))
            limits.push_back(limit);
    return limits;
}

}  // namespace sallyport::evidence
