// SPDX-License-Identifier: Apache-2.0
//
// The agent watches itself: program, configuration, spool, rights, service, tracer and sensors.
//
// Policy: CSP SI-7, AU-9; rules AGT-02, AGT-03, AGT-12. Events: agent.selfcheck at start and every hour with what is wrong then;
// agent.tamper once for each kind, when it begins; agent.clock_step at once, as the kernel tells when the clock is set.
//
// - binary_changed, config_changed: the file is another one than what runs, for a minute: an upgrade or a reconfiguration replaces
//   it and starts the agent anew.
// - log_deleted: the spool's file is gone or another one; at start, the spool is another one than remembered and knows nothing of it.
// - permission_changed: mode or owner of spool, folder, configuration or key; also against the run before.
// - service_disabled: it was enabled when the agent started. debugger: somebody traces the process; looked for every minute.
// - process_killed is told at the next start (lifecycle.hpp). driver_unloaded: the sensors say that of their sources.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "agent/service/own_state.hpp"
#include "agent/recorder.hpp"
#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

struct SelfWatchOptions {
    std::string program_sha256;        // of what runs
    std::string configuration_sha256;  // in force
    std::string instance;              // of the spool
    bool predecessor_known = false;    // the spool was begun anew and names the one before it
    std::filesystem::path memory_file;
    std::function<StatusMessage()> status;  // the sensors' states
};

// The recorder is told to look at the clock; it must outlive the watch.
[[nodiscard]] std::unique_ptr<HostWatch> make_self_watch(SelfWatchOptions options, std::unique_ptr<OwnStateReader> state,
                                                         Recorder& recorder);

}  // namespace sallyport::agent
