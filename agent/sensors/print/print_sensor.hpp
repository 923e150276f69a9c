// SPDX-License-Identifier: Apache-2.0
//
// What is printed, on which printer, by whom and how many pages; and which printers come, go and move.
//
// Policy: directive II.B.1 (printed data), CSP PE-5, MP-2. Events: print.job, printer.change, agent.gap.
// Never a title, document or file name: not asked for, so not even received.
//
// The truth is the server's own list of jobs: job numbers only rise, so that comparing with the last reported
// number finds a job that came and went between two looks, or while the server or the agent was down, with
// the server's own times. A number that cannot be found any more (history switched off or too short) is an
// agent.gap with the count.
//
// States: `submitted` once, at creation; `released` when a held job goes on; then `completed`, `cancelled`,
// or `failed` (aborted by the server). A job released and completed between two looks shows no `released`
// when it was new as well. `pages` is every side printed, all copies together, as CUPS accounts them; absent
// where it does not.
//
// Printer events between two looks come from an IPP subscription to printer events only: job events would
// bring the title along.
//
// Wakes up every 2 s while a job is open, every 10 s (`quiet_pause`) otherwise: cupsd answers a
// Get-Notifications at once, so there is nothing to sleep on. No print server: the sensor is absent,
// `no_cups`, and looks every 10 s.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class PrintSource;

struct PrintOptions {
    std::string server;  // `host:port` or a socket's path; empty: CUPS's own default
    // Where to remember what was reported (print_memory.hpp); empty: only while the agent runs.
    std::filesystem::path memory_file;
    // Between two looks while no job is open. A look costs cupsd under a millisecond.
    std::chrono::milliseconds quiet_pause{10'000};
};

[[nodiscard]] std::unique_ptr<Sensor> make_print_sensor(const PrintOptions& options = {});
[[nodiscard]] std::unique_ptr<Sensor> make_print_sensor(const PrintOptions& options,
                                                        std::unique_ptr<PrintSource> source);

}  // namespace sallyport::agent
