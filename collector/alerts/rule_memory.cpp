// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/rule_memory.hpp"

#include "collector/store/rule_engine_repository.hpp"
#include "protocol/json.hpp"

namespace sallyport::alerts {
namespace {

constexpr JsonLimits kStateLimits{
    .bytes_max = std::size_t{1} << 24, .depth_max = 8, .fields_max = std::size_t{1} << 20};

}  // namespace

Result<void> save_changes(Database& database, const rules::Engine& engine, const TerminalStates& terminals) {
    auto done = terminals.changes([&](std::string_view terminal, const TerminalState& state) {
        return store::save_terminal_state(database, terminal, write_json(state.snapshot()));
    });
    if (!done) return done;
    return engine.changes([&](const rules::StatePart& part) {
        if (!part.state.empty()) return store::save_rule_state(database, part.rule, part.group, part.state);
        return part.group.empty() ? store::drop_rule(database, part.rule)
                                  : store::drop_rule_state(database, part.rule, part.group);
    });
}

Result<void> take_up_saved(Database& database, rules::Engine& engine, TerminalStates& terminals) {
    auto done = store::each_terminal_state(
        database, [&](std::string_view terminal, std::string_view state) -> Result<void> {
            const auto record = read_json_record(state, kStateLimits);
            if (!record) return Error(Errc::corrupt, "state of " + std::string(terminal) + ": " + record.error().message());
            terminals.restore(terminal, TerminalState::restore(*record));
            return {};
        });
    if (!done) return done;
    return engine.restore([&](const rules::StateSink& sink) {
        return store::each_rule_state(
            database, [&](std::string_view rule, std::string_view group, std::string_view state) {
                return sink({rule, group, state});
            });
    });
}

}  // namespace sallyport::alerts
