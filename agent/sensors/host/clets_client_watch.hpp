// SPDX-License-Identifier: Apache-2.0
//
// Whether the program through which CLETS is used runs, and for whom; what it shows is never looked at. Told by configuration
// (decision 23): the program's file and, where one file serves many (a browser), the desktop id under which it is started.
//
// Rules OPR-07, PRN-09, IDN-03. Event: clets.client `started` with the first process of a session and `stopped` after its last; at
// start with an unknown time. Whether it is in front is the desktop's secret and never told. Nothing is polled: the kernel tells
// when the program's file is opened and when a process ends; once a minute the processes are counted all the same.
//
// A program that is not installed makes the sensor `clets_client` absent, `client_not_installed`.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "agent/sensors/host_watch.hpp"

namespace sallyport::agent {

struct CletsClientOptions {
    std::filesystem::path executable;  // as it appears in the process's command line, a script's name included
    std::string desktop_id;            // as `org.example.Clets`; empty: any process of the executable
    std::filesystem::path root = "/";
};

[[nodiscard]] std::unique_ptr<HostWatch> make_clets_client_watch(const CletsClientOptions& options);

}  // namespace sallyport::agent
