// SPDX-License-Identifier: Apache-2.0
//
// What the registers say of an event (register_fields.hpp), and how the rules stand at its site, out of memory: the
// store is asked once a judging step whether anything changed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::registers {

class Enrichment {
public:
    // Reads through the given connection. One thread.
    [[nodiscard]] static Result<std::unique_ptr<Enrichment>> open(Database reader);
    virtual ~Enrichment() = default;

    // One look whether a register or a rule's state changed; what the others answer holds until the next. To be called
    // after the events of a step were read: then nothing that was recorded before them is missing.
    [[nodiscard]] virtual Result<void> refresh() = 0;
    // `terminal_id` is the terminal the event is about (for server.* events: body.terminal; empty: none).
    [[nodiscard]] virtual Record fields_for(const Event& event, std::string_view terminal_id, WallTime known_at) = 0;
    // Rises with every change of a register or a rule's state that refresh() found.
    [[nodiscard]] virtual std::int64_t generation() const = 0;
    // The terminals that should be heard of at that time (expected_terminals.hpp), in the order of their ids.
    virtual void each_expected(WallTime now, const std::function<void(const std::string& terminal_id)>& use) = 0;
    // The agency of a terminal that is registered at that time; else empty.
    [[nodiscard]] virtual std::string ori_of(std::string_view terminal_id, WallTime now) = 0;
    // The site's rule state: `observe` or `live` for this catalogue rule, and parameter overrides (name -> number). An
    // empty site_id: as the rule stands for what is of no site.
    [[nodiscard]] virtual bool is_live(std::string_view rule_id, std::string_view site_id) = 0;
    [[nodiscard]] virtual std::optional<double> parameter(std::string_view rule_id, std::string_view site_id,
                                                          std::string_view name) = 0;
};

}  // namespace sallyport::registers
