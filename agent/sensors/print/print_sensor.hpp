// SPDX-License-Identifier: Apache-2.0
//
// What is printed, on which printer, by whom and how many pages; and which printers come, go and move.
//
// Policy: directive II.B.1 (printed data), CSP PE-5, MP-2. Events: print.job, printer.change, policy.setting,
// agent.gap.
// Never a title, document or file name: not asked for, so not even received.
//
// The truth is the server's own list of jobs: job numbers only rise, so that comparing with the last reported
// number finds a job that came and went between two looks, or while the server or the agent was down, with
// the server's own times. A number that cannot be found any more (history switched off or too short) is an
// agent.gap with the count.
//
// States: `submitted` once, at creation; `released` when a held job goes on; then `completed`, `cancelled`,
// or `failed` (aborted by the server). A job released and completed between two looks shows no `released`
// when it was new as well.
//
// Pages: `pages_claimed` is what the client declared (job-impressions) times copies, `pages_confirmed` the sides
// that filter or backend accounted, all copies together, `pages` the second where there is one, else the first;
// `pages_source` says which. A job of which nobody accounts or declares anything has none, rather than a wrong
// zero, and is an event all the same. `sheets` is paper; `sides` (of a sheet, 1 or 2), `pages_per_side` (n-up)
// and `copies` what was asked for.
//
// What is written straight to a printer's device node is a print.job, too, with `way: device_node`
// (node_prints.hpp). cupsd's settings are policy.setting (print_settings.hpp).
//
// Printer events between two looks come from an IPP subscription to printer events only: job events would
// bring the title along.
//
// cupsd answers a Get-Notifications at once and its notifiers carry titles, so that it cannot be asked to wake
// anybody. What is slept on are files (print_watch.hpp); a look a minute is the net beneath them. While a job is
// open it is looked every `look_every`, 2 s at most; every 10 s when nothing was heard of jobs for half a minute.
// Where the spool cannot be watched (another machine's server, a folder that is closed to the agent) there is a
// look every `look_every`, and agent.sensor says so: ok, `spool_not_watched`. A printer that is changed and not
// printed to is seen when cupsd writes its list, up to 30 s later.
//
// No print server: the sensor is absent, `no_cups`, and looks every 10 s or more.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

struct PrintOptions {
    std::string server;  // `host:port` or a socket's path; empty: CUPS's own default
    // Where to remember what was reported (print_memory.hpp); empty: only while the agent runs.
    std::filesystem::path memory_file;
    // cupsd's RequestRoot and ServerRoot; empty: not watched.
    std::filesystem::path spool;
    std::filesystem::path settings;
    std::filesystem::path devices;  // /dev; empty: nothing is told of what is printed past the server
    // Between two looks while a job is open, or always where the spool cannot be watched. A look costs cupsd
    // under a millisecond.
    std::chrono::milliseconds look_every{10'000};
    // The net beneath the signs: at least so often it is looked all the same.
    std::chrono::milliseconds look_at_least_every{60'000};
};

[[nodiscard]] std::unique_ptr<Sensor> make_print_sensor(const PrintOptions& options = {});

}  // namespace sallyport::agent
