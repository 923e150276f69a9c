// SPDX-License-Identifier: Apache-2.0
//
// Legal holds: what must not be deleted, whatever its period says, until the hold is lifted (dictionary section 16).
// Free functions on a Database, to join the writer's transactions or run on a reader.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

struct LegalHold {
    std::int64_t hold_id = 0;
    std::string kind;     // incident, terminal, operator, span
    std::string subject;  // incident_id, terminal_id, operator_ref; empty for a span
    std::optional<WallTime> from, to;  // in event time; nothing: open on that side
    std::string reason, placed_by;
    WallTime placed_at{};
    std::optional<std::string> lifted_by, lift_reason;
    std::optional<WallTime> lifted_at;
};

// Errc::not_found when there is no such incident (by id or number), terminal or operator: a hold on nothing would hold
// nothing. Errc::bad_input for a span without both ends, or one that ends before it begins.
[[nodiscard]] Result<LegalHold> place_hold(Database& database, LegalHold hold);
// Errc::not_found, Errc::conflict when it is lifted already.
[[nodiscard]] Result<LegalHold> lift_hold(Database& database, std::int64_t hold_id, std::string_view lifted_by,
                                          std::string_view reason, WallTime now);
// Newest first.
[[nodiscard]] Result<std::vector<LegalHold>> list_holds(Database& database, bool with_lifted);

// What the holds of this moment keep. An incident's hold keeps its alerts, and everything that their terminals said from a
// day before the first of them to a day after the last: what an expert would ask for. An operator's keeps alerts about the
// person and every line with an account of theirs.
class HeldData {
public:
    [[nodiscard]] static Result<HeldData> load(Database& database);

    [[nodiscard]] bool any() const { return any_; }
    [[nodiscard]] bool keeps_line(const std::string& terminal_id, WallTime event_time,
                                  const std::optional<std::string>& account) const;
    [[nodiscard]] bool keeps_alert(const std::string& alert_id, const std::optional<std::string>& terminal_id,
                                   const std::optional<std::string>& operator_ref, WallTime first_event,
                                   WallTime last_event) const;
    [[nodiscard]] bool keeps_incident(const std::string& incident_id) const { return incidents_.contains(incident_id); }

private:
    struct Span {
        WallTime from = WallTime::min(), to = WallTime::max();
        [[nodiscard]] bool meets(WallTime first, WallTime last) const { return first <= to && from <= last; }
    };
    using Spans = std::multimap<std::string, Span, std::less<>>;
    [[nodiscard]] static bool meets(const Spans& spans, std::string_view subject, WallTime first, WallTime last);
    [[nodiscard]] Result<void> add_incident(Database& database, const std::string& incident_id);
    [[nodiscard]] Result<void> add_accounts(Database& database, const std::string& operator_ref, Span span);

    bool any_ = false;
    std::vector<Span> everything_;
    Spans terminals_, operators_, accounts_;
    std::set<std::string> incidents_, alerts_;
};

}  // namespace sallyport::store
