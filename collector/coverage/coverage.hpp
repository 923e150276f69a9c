// SPDX-License-Identifier: Apache-2.0
//
// What a terminal's sensors covered in a span: "T-1, 14:00 to 15:00: monitored, nothing missing". A pure function of the
// terminal's chains, what the collector heard, and the registers' word on cameras; any thread.
//
// A chain that goes on proves that the agent ran, however late it came: an agent that ends and begins again says so with
// agent.start. So an outage of the network, once its backlog has come, is no hole. Where a run ends without a word, the
// last that is known of it is its last line or its last heartbeat heard: right to within a heartbeat. A last line that is
// withheld has no time, and proves nothing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::coverage {

// From `from` on, up to but not including `to`.
struct Span {
    WallTime from{}, to{};
};

// --- what it is said from -----------------------------------------------------------------------------------------

struct Line {
    std::string instance;
    std::uint64_t seq = 0;
    std::string type;
    WallTime at{};       // not known of a withheld line
    bool withheld = false;
    std::string reason;  // why it is withheld
    Record body;         // of the types in told_types()
};
[[nodiscard]] const std::vector<std::string_view>& told_types();

// Lines that a terminal said it had and that have not come (server.gap).
struct Announcement {
    std::string instance;
    std::uint64_t last_seq = 0;
    WallTime told_at{};
};

enum class CameraPolicy { enabled, off_by_policy, forbidden };
struct PolicyChange {
    WallTime from{};
    CameraPolicy policy = CameraPolicy::off_by_policy;
};

struct History {
    std::vector<Line> lines;                 // every line, oldest instance first, by seq
    std::vector<WallTime> heard;             // last signs of life that the collector named
    std::vector<Announcement> announcements;
    std::vector<PolicyChange> camera;        // in order; the first holds from before the span
};

// --- what is said -------------------------------------------------------------------------------------------------

enum class State {
    unheard,    // nothing was ever heard of it
    monitored,
    off,        // shut down in order
    asleep,
    stopped,    // the agent was stopped in order
    silent,     // not heard of, and no word why
};

struct Stretch {
    Span span;
    State state = State::unheard;
};
struct Missing {
    std::string instance;
    std::uint64_t first_seq = 0, last_seq = 0;
    std::string why;  // evicted, expired, redacted, rejected, not_received
    [[nodiscard]] std::uint64_t count() const { return last_seq - first_seq + 1; }
};
// What a sensor itself knows to have missed; `missed` 0: it cannot say how much.
struct SensorGap {
    WallTime at{};
    std::string sensor, reason;
    std::uint64_t missed = 0;
};
struct Impaired {
    Span span;
    std::string sensor, state;  // degraded, off, absent
};
struct CameraStretch {
    Span span;
    std::string state;  // on, off_by_policy, forbidden, unknown, or what camera.state said
};

struct Coverage {
    Span span;
    std::vector<Stretch> stretches;  // without a hole, no two neighbours alike
    std::vector<Missing> missing;    // whose time may lie within the span
    bool chain_unproven = false;     // a chain began within it that does not say how the one before ended
    std::vector<SensorGap> sensor_gaps;
    std::vector<Impaired> impaired;  // while monitored
    std::vector<CameraStretch> camera;  // while monitored

    [[nodiscard]] std::uint64_t missing_count() const;
};

[[nodiscard]] Coverage cover(const History& history, Span span);

[[nodiscard]] std::string_view to_string(State state);
// `monitored, nothing missing; camera off by policy`
[[nodiscard]] std::string sentence_of(const Coverage& coverage);
// For API and command line; the terminal's name comes first, times are RFC 3339.
[[nodiscard]] Record record_of(const std::string& terminal_id, const Coverage& coverage);

}  // namespace sallyport::coverage
