// SPDX-License-Identifier: Apache-2.0
//
// What the store has about an incident, gathered for a bundle: its alerts, the lines that they rest on, what the registers
// said. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/registers/register_snapshot.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/event_log.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::evidence {

// A line that an alert rests on, read; nothing where it is withheld.
struct EvidenceLine {
    store::StoredEvent stored;
    std::optional<Event> event;
    std::string terminal;  // that it is about; empty: none
};

struct AlertCase {
    store::Alert alert;
    std::vector<EvidenceLine> lines;  // in the order of the log
};

struct CaseFile {
    store::Incident incident;
    std::vector<AlertCase> alerts;  // by the time of their condition
    registers::RegisterSnapshot registers;
};

// Errc::not_found: there is no such incident. Errc::corrupt: an alert rests on a line that the log does not have.
[[nodiscard]] Result<CaseFile> open_case(Database& reader, std::string_view incident_id);

// An entry of a register that has to do with an alert, and whether it was known when the alert was raised.
struct RegisterFact {
    store::RegisterEntry entry;
    std::vector<std::string> known_then, known_later;  // alert ids
};
// What held at the time of the alerts' lines, by register, id and version: as known when each alert was raised, and as
// known now where that differs.
[[nodiscard]] std::vector<RegisterFact> register_facts(const CaseFile& file, WallTime now);

}  // namespace sallyport::evidence
