// SPDX-License-Identifier: Apache-2.0
//
// One event as the dictionary describes it (section 8): the envelope, and a body whose fields depend on the type.
// On the wire and in the log it is one line of JSON; the line's bytes, never a re-serialisation, are what is hashed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/catalogue.hpp"
#include "protocol/clock.hpp"
#include "protocol/result.hpp"
#include "protocol/schema.hpp"
#include "protocol/value.hpp"

namespace sallyport {

// AU-3(e): how the thing that happened ended.
enum class EventOutcome { success, failure, blocked, detected };

struct Event {
    std::string event_id;        // UUIDv7, for people and links; never for finding duplicates
    std::string terminal_id;
    std::string agent_instance;  // 32 hex digits, made with the spool
    std::string boot_id;
    std::uint64_t seq = 0;       // from 1, +1 per (terminal, instance), across boots
    std::string type;
    // When it happened by the terminal's clock; empty = unknown (it was already so when the agent started).
    std::optional<WallTime> occurred_at;
    WallTime observed_at{};      // when the agent took note of it
    MonotonicTime monotonic{};   // since boot, at observed_at
    ClockState clock = ClockState::unsynced;
    std::optional<std::string> session_id;
    std::optional<std::string> operator_account;  // as the OS knows it (P1)
    EventOutcome outcome = EventOutcome::detected;
    std::string config_sha256;   // the configuration in force
    std::string nonce;           // 16 bytes as hex: a deleted line cannot be guessed back from its leaf
    std::optional<std::string> drill;  // told for the drill of this nonce: no statement about the desk (protocol/drill.hpp)
    Record body;
};

// The longest line that is taken; longer ones are refused before they are parsed.
inline constexpr std::size_t kEventLineBytesMax = 16 * 1024;
inline constexpr std::string_view kEventSchema = "event/1";

[[nodiscard]] std::span<const FieldSpec> envelope_fields();

// Fails with the faulty field's name when the event does not fit the table: our own mistake, found before signing.
[[nodiscard]] Result<std::string> encode_event(const Event& event);

// Why a line is no event. `fault` is set when it is well-formed JSON that breaks the schema.
struct EventRefusal {
    Error error;
    std::optional<SchemaFault> fault;
};
[[nodiscard]] std::variant<Event, EventRefusal> decode_event(std::string_view line);

// What orders and judges an event in time: occurred_at, or observed_at where that is unknown.
[[nodiscard]] inline WallTime event_time(const Event& event) { return event.occurred_at.value_or(event.observed_at); }

[[nodiscard]] std::string_view to_string(ClockState state);
[[nodiscard]] std::string_view to_string(EventOutcome outcome);

// A UUID of version 7 (RFC 9562): its first 48 bits are the time.
[[nodiscard]] std::string make_event_id(WallTime now);

// 1..64 letters, digits, dot, underscore or hyphen, starting with a letter or digit: safe in topics and file names.
[[nodiscard]] bool is_terminal_id(std::string_view text);

}  // namespace sallyport
