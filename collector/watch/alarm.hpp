// SPDX-License-Identifier: Apache-2.0
//
// How a person is reached from the watching host: a command of the site (a pager, a text message), mail, the system's
// log. Implemented in posix_alarm.cpp. One thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::watch {

struct AlarmWays {
    // The program with its arguments, without a shell; the alarm's text is its standard input. Empty: none.
    std::vector<std::string> command;
    std::vector<std::string> mail_to;
    std::string mail_from;
    std::string sendmail = "/usr/sbin/sendmail";
    bool syslog = true;
    std::chrono::seconds within{30};  // what takes longer is killed, and counts as failed
};

struct Alarm {
    bool grave = false;   // the log of evidence itself is in doubt
    std::string subject;  // one line
    std::string text;     // lines for a person; nothing but printable text
};

// Every way is tried, whatever becomes of the others. The error names each that failed.
[[nodiscard]] Result<void> sound(const AlarmWays& ways, const Alarm& alarm);

}  // namespace sallyport::watch
