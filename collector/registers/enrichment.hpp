// SPDX-License-Identifier: Apache-2.0
//
// What the registers say of an event, as of its time and as known now: the dotted fields that rules read beside the
// event's own. Every field is listed in docs/formats/rules.md.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::registers {

// Fields added (absent where the registers know nothing):
//   terminal.registered, terminal.status, terminal.licensed (bool: status licensed and licensed_on set and past),
//   terminal.site, terminal.room, terminal.idle_limit_s (screen_lock_minutes * 60 + 60), terminal.lock_minutes,
//   terminal.lock_exempt (bool), terminal.camera_enabled, terminal.usb_policy, terminal.heartbeat_s,
//   terminal.duty_profile, terminal.hardware_changes (int: how many of system_serial, board_serial, disk_serials,
//   nics of a device.identity differ), terminal.tpm_changed (bool), terminal.hardware_changed (list of names),
//   room.zone, room.type, site.id, hours.open (bool), operator.ref, operator.authorisation, operator.reasons,
//   media.status, media.id (usb.*), media.known_device (bool: {vid,pid} on the terminal's allow list or baseline),
//   printer.allowed (bool), printer.zone (print.job, printer.change), window.maintenance (bool), window.visitor (bool),
//   window.enrolment (bool)
class Enrichment {
public:
    // Reads through the given connection; caches until register_generation() changes. One thread.
    [[nodiscard]] static Result<std::unique_ptr<Enrichment>> open(Database reader);
    virtual ~Enrichment() = default;

    // `terminal_id` is the terminal the event is about (for server.* events: body.terminal).
    [[nodiscard]] virtual Result<Record> fields_for(const Event& event, std::string_view terminal_id,
                                                    WallTime known_at) = 0;
    // The site's rule state: `observe` or `live` for this catalogue rule, and parameter overrides (name -> number).
    [[nodiscard]] virtual Result<bool> is_live(std::string_view rule_id, std::string_view site_id) = 0;
    [[nodiscard]] virtual Result<std::optional<double>> parameter(std::string_view rule_id, std::string_view site_id,
                                                                  std::string_view name) = 0;
};

}  // namespace sallyport::registers
