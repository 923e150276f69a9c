// SPDX-License-Identifier: Apache-2.0
//
// Log-ons that were refused, as login(1), sshd(8) and the greeters that keep it write them to /var/log/btmp.
//
// Policy: CSP AC-7; rule SES-04. Event: session.logon, outcome failure, at the time of the attempt; failure_reason
// `authentication` or, where no such account exists, `unknown_account`: then the account is left out, as people type their password
// in the place of their name. Nothing is polled: the kernel tells when the file was written. What was told last is kept over
// restarts; at the first start ever, attempts of before are no news.
//
// A greeter that writes no btmp (GNOME's) and a screen lock that refuses are not told of: the sensor `failed_logons` is degraded,
// `greeter_keeps_no_record`, where /etc/pam.d has one. Without a btmp that can be read it is absent, `no_record_of_failures`.
#pragma once

#include <filesystem>
#include <memory>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

struct LogonOptions {
    std::filesystem::path memory_file;  // empty: each start begins anew
    std::filesystem::path root = "/";
};

[[nodiscard]] std::unique_ptr<HostWatch> make_logon_watch(const LogonOptions& options);

}  // namespace sallyport::agent
