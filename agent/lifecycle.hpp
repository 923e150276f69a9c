// SPDX-License-Identifier: Apache-2.0
//
// The events with which a run of the agent begins and ends: agent.start (with the batch key and, as an instance's first
// line, the instance before it), agent.config when the configuration is another one than before, agent.stop.
#pragma once

#include <optional>
#include <string>

#include "agent/end_note.hpp"
#include "agent/recorder.hpp"
#include "protocol/batch.hpp"

namespace sallyport::agent {

struct RunFacts {
    std::string program_sha256;
    std::string boot_id;
    std::string config_sha256;
    BatchKeyCertificate certificate;
};

// Before any sensor runs: the reason is found in the spool's last line (other boot, orderly stop, other version, crash). A run of
// this boot that did not end by itself, as `end` has it, is an agent.tamper `process_killed`.
[[nodiscard]] Result<void> record_start(Recorder& recorder, const Spool& spool, const RunFacts& facts,
                                        const std::optional<EndNote>& end, const Clock& clock);
// `reason` is a token, e.g. `sigterm`.
[[nodiscard]] Result<void> record_stop(Recorder& recorder, const std::string& reason, const Clock& clock);

}  // namespace sallyport::agent
