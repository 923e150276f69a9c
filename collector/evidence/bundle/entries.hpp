// SPDX-License-Identifier: Apache-2.0
//
// The lines of a bundle's members that a verifier computes with, as structs and as closed JSON objects. What each means:
// docs/formats/evidence-bundle.md. The others (audit trail, register entries, checks, limits) are for people, and are
// covered by their hash alone. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::evidence {

// An accepted line of the event log, or its leaf where the line is withheld.
struct EventEntry {
    std::uint64_t event = 0;  // its number in the store (ingest_id)
    std::string role;         // evidence: an alert rests on it; context: an answer in checks.jsonl or the audit trail does
    std::string terminal, instance;
    std::uint64_t seq = 0;
    std::string type;
    WallTime event_time{}, received_at{};
    std::uint64_t batch = 0;
    Digest leaf{};
    std::optional<std::string> line;  // the bytes as received
    // Where the line is withheld: why (deleted, evicted, expired, redacted, rejected, names_account, unreadable), and what may
    // be shown of it.
    std::string withheld;
    std::optional<Record> shown;
    std::uint64_t index = 0;  // of the leaf in the evidence log
    std::vector<Digest> proof;
};

// A header line as received, and the leaves of all lines that its signature covers.
struct BatchEntry {
    std::uint64_t batch = 0;
    std::string header;
    std::vector<Digest> leaves;
};

// A key enrolled for a terminal, revoked ones included.
struct KeyEntry {
    std::string terminal;
    std::string public_key;   // base64 SubjectPublicKeyInfo
    std::string cert_sha256;  // of the DER
    WallTime enrolled_at{}, not_after{};
    std::optional<WallTime> revoked_at;
    std::optional<std::string> revoke_reason;
};

// A signed head of the evidence log, oldest first; the last is the one that proofs are made against.
struct HeadEntry {
    // before: the last one before the first line of evidence came; received: the first one after the last came; conversion: of
    // alerts to the incident; export: the one that everything is proven against.
    std::string why;
    std::string note;  // the signed checkpoint
    std::vector<Digest> consistency;  // to the last one
};

// What a verifier looks at of an alert; `view` has all of it.
struct AlertEntry {
    std::string alert_id, rule_version;
    bool rule_kept = false;  // whether rules/<rule_version>.yml is in the bundle
    std::vector<std::uint64_t> evidence;
    Record view;
};

[[nodiscard]] Record to_record(const EventEntry& entry);
[[nodiscard]] Record to_record(const BatchEntry& entry);
[[nodiscard]] Record to_record(const KeyEntry& entry);
[[nodiscard]] Record to_record(const HeadEntry& entry);
[[nodiscard]] Record to_record(const AlertEntry& entry);

// Errc::bad_input: not JSON, or not exactly these fields; the message names the field.
[[nodiscard]] Result<EventEntry> event_entry(std::string_view line);
[[nodiscard]] Result<BatchEntry> batch_entry(std::string_view line);
[[nodiscard]] Result<KeyEntry> key_entry(std::string_view line);
[[nodiscard]] Result<HeadEntry> head_entry(std::string_view line);
[[nodiscard]] Result<AlertEntry> alert_entry(std::string_view line);

}  // namespace sallyport::evidence
