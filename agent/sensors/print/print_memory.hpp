// SPDX-License-Identifier: Apache-2.0
//
// What the print sensor has already reported, so that a job or printer that came and went while nobody looked
// is found by comparing, and nothing is reported twice.
//
// Kept in a file so that it survives the agent. The file is replaced atomically after each round of reports;
// a crash in between reports that round again. A lost or broken file makes the present state the new
// beginning.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "agent/sensors/print/print_source.hpp"
#include "agent/sensors/print/printer_identity.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

struct PrintMemory {
    bool started = false;                           // false: nothing was ever looked at
    std::uint32_t highest_job = 0;                  // every job up to it is reported, or among the open ones
    std::optional<WallTime> highest_created_at;     // tells a server that counts from 1 again
    std::map<std::uint32_t, PrintJobState> open;    // reported, not ended
    std::map<std::string, PrinterIdentity> queues;  // by queue name
    std::string default_queue;

    bool operator==(const PrintMemory&) const = default;
};

// An empty memory when the file does not exist; Errc::corrupt when it cannot be read as one.
[[nodiscard]] Result<PrintMemory> load_print_memory(const std::filesystem::path& file);
[[nodiscard]] Result<void> save_print_memory(const PrintMemory& memory, const std::filesystem::path& file);

}  // namespace sallyport::agent
