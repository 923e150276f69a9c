// SPDX-License-Identifier: Apache-2.0
//
// What the print sensor needs to know of a print server, in its own words. The one implementation talks to
// CUPS (cups_queue.hpp); decisions are taken in print_sensor.cpp.
//
// There is no field for a title, a document or a file name, here or anywhere behind: they may be criminal
// justice information (dictionary section 2), and no rule needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

enum class PrintJobState { pending, held, printing, cancelled, aborted, completed };

struct PrintJob {
    std::uint32_t id = 0;  // counted up by the server, never used twice
    std::string queue;
    std::string account;  // what the client said, not proof; empty when the server keeps it private
    PrintJobState state = PrintJobState::pending;
    std::uint32_t copies = 1;
    std::uint64_t bytes = 0;
    // Empty: nobody said. Never zero.
    std::optional<std::uint32_t> declared;       // sides of one copy, as the client said
    std::optional<std::uint32_t> accounted;      // sides, all copies together, as filter or backend counted
    std::optional<std::uint32_t> sheets;         // of paper, all copies together, as counted
    std::optional<std::uint32_t> sides_a_sheet;  // asked for: 1 or 2
    std::optional<std::uint32_t> pages_a_side;   // asked for: n-up
    std::optional<WallTime> created_at;
    std::optional<WallTime> printing_at;
    std::optional<WallTime> ended_at;
};

struct PrintQueue {
    std::string name;
    std::string device_uri;
    bool is_default = false;
};

struct QueueEvent {
    enum class Kind { added, removed, modified };
    Kind kind = Kind::modified;
    std::string queue;
};

struct QueueNews {
    std::vector<QueueEvent> events;  // in order, since the last call
    // False: listening began just now, so that events before it are unknown; compare everything.
    bool continuous = false;
};

// Used by one thread. After a failure the connection is closed; connect() opens it again. Fails with
// Errc::unavailable when there is no server.
class PrintSource {
public:
    virtual ~PrintSource() = default;
    // Requests under way give up when `stop` is asked for.
    [[nodiscard]] virtual Result<void> connect(std::stop_token stop) = 0;
    // Nothing will be asked for a while: lets the connection go, for a server does not keep it for ever. The next
    // question opens it again.
    virtual void rest() = 0;
    [[nodiscard]] virtual Result<QueueNews> queue_news() = 0;
    [[nodiscard]] virtual Result<std::vector<PrintQueue>> queues() = 0;
    // Every job the server still knows, from that number on, ended ones too; sorted by number.
    [[nodiscard]] virtual Result<std::vector<PrintJob>> jobs(std::uint32_t first_id) = 0;

    // For a drill: a job that is held, and has nothing to print. Its number.
    [[nodiscard]] virtual Result<std::uint32_t> submit_empty_job(const std::string& queue) = 0;
    [[nodiscard]] virtual Result<void> cancel_job(std::uint32_t id) = 0;
};

}  // namespace sallyport::agent
