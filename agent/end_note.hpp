// SPDX-License-Identifier: Apache-2.0
//
// How the run before this one ended, as the service manager saw it: left beside the spool by ExecStopPost (systemd.exec(5):
// SERVICE_RESULT, EXIT_CODE, EXIT_STATUS), read and removed at the next start. The agent itself cannot write it: it was dead.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "protocol/result.hpp"

namespace sallyport::agent {

struct EndNote {
    std::string result;  // `signal`, `core-dump`, `oom-kill`, `watchdog`, ...
    std::string status;  // of a signal its name, as `KILL`
};

[[nodiscard]] Result<void> write_end_note(const std::filesystem::path& file, const EndNote& note);
// Nothing when there is none; it is gone then.
[[nodiscard]] std::optional<EndNote> take_end_note(const std::filesystem::path& file);

// Of a run that ended without saying so: whether somebody else ended it. A fault of its own, a lack of memory and the watchdog are
// told by the note; an end that nothing explains counts as somebody's doing.
[[nodiscard]] bool was_killed(const std::optional<EndNote>& note);

}  // namespace sallyport::agent
