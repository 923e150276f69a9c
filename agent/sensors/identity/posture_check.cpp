// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/posture_check.hpp"

#include <algorithm>

namespace sallyport::agent {
namespace {

std::string_view verdict(bool known, bool right) { return !known ? "unknown" : right ? "yes" : "no"; }

PostureFinding check_usb(const std::vector<posture::FixedDevice>& expected, const MachineFacts& facts) {
    if (!facts.usb) return {"fixed_usb", "unknown", "unknown"};
    for (const posture::FixedDevice& device : expected)
        if (std::find(facts.usb->begin(), facts.usb->end(), UsbPlace{device.port, device.vid, device.pid}) == facts.usb->end())
            return {"fixed_usb", "missing:" + device.port.substr(0, 32), "no"};
    return {"fixed_usb", "complete", "yes"};
}

}  // namespace

std::string_view to_text(BootSource source) {
    switch (source) {
        case BootSource::internal:
            return "internal";
        case BootSource::usb:
            return "usb";
        case BootSource::network:
            return "network";
        case BootSource::optical:
            return "optical";
        case BootSource::unknown:
            break;
    }
    return "unknown";
}

std::string_view to_text(SecureBoot state) {
    switch (state) {
        case SecureBoot::on:
            return "on";
        case SecureBoot::off:
            return "off";
        case SecureBoot::unknown:
            break;
    }
    return "unknown";
}

std::vector<PostureFinding> check_posture(const posture::TerminalPosture& posture, const BootFacts& boot,
                                          const MachineFacts& facts) {
    std::vector<PostureFinding> findings;
    if (posture.secure_boot)
        findings.push_back({"secure_boot", std::string(to_text(boot.secure_boot)),
                            verdict(boot.secure_boot != SecureBoot::unknown,
                                    (boot.secure_boot == SecureBoot::on) == *posture.secure_boot)});
    if (posture.tpm && facts.tpm_present)
        findings.push_back(
            {"tpm", *facts.tpm_present ? "present" : "absent", verdict(true, *facts.tpm_present == *posture.tpm)});
    if (!posture.boot_sources.empty()) {
        const std::string source(to_text(boot.source));
        const auto& sources = posture.boot_sources;
        findings.push_back({"boot_source", source,
                            verdict(boot.source != BootSource::unknown,
                                    std::find(sources.begin(), sources.end(), source) != sources.end())});
    }
    if (!posture.fixed_usb.empty()) findings.push_back(check_usb(posture.fixed_usb, facts));
    return findings;
}

}  // namespace sallyport::agent
