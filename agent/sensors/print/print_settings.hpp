// SPDX-License-Identifier: Apache-2.0
//
// What cupsd's own settings mean for the watch over printing (cupsd.conf(5), cups-files.conf(5)), in the words
// of policy.setting:
//
//   print_history   `off`, `JOBS` or `JOBS/SECONDS`: how many ended jobs cupsd remembers, and how long, where it
//                   forgets (MaxJobs, 0: any number; PreserveJobHistory). Wrong: off, fewer than 100 jobs or less
//                   than 10 minutes; a job that came and went while nobody looked could then not be found.
//   print_files     `off`, `kept` or seconds: how long printed documents stay on the disk (PreserveJobFiles).
//                   Wrong: longer than a day, cupsd's own default.
//   print_log       `off`, `on` or `on_with_titles` (PageLog, PageLogFormat). The sensor needs none of it. Wrong:
//                   with titles, which may be criminal justice information. cupsd's own default has them.
//   print_accounts  `shown` or `hidden` (JobPrivateAccess, JobPrivateValues of every policy). Hidden is unknown:
//                   an agent that cupsd counts among @SYSTEM is told them all the same.
//
// Where the files cannot be read, each is `unknown`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.hpp"

namespace sallyport::agent {

struct PrintSetting {
    std::string_view name;
    std::string value;
    std::string_view compliant;  // yes, no, unknown

    bool operator==(const PrintSetting&) const = default;
};

// The text of cupsd.conf and of cups-files.conf; the second may be missing, then it is empty.
[[nodiscard]] std::vector<PrintSetting> read_print_settings(std::string_view cupsd_conf,
                                                            std::string_view cups_files_conf);
[[nodiscard]] std::vector<PrintSetting> unknown_print_settings();

}  // namespace sallyport::agent
