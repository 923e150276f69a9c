// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/drill_marks.hpp"

#include "collector/store/drill_marks.hpp"
#include "collector/store/drill_repository.hpp"

namespace sallyport::intake {
namespace {

Notice disbelief(const Event& event, std::string_view reason) {
    return {"server.drill",
            Record{{"terminal", event.terminal_id},
                   {"instance", event.agent_instance},
                   {"seq", event.seq},
                   {"drill", *event.drill},
                   {"reason", reason}},
            std::nullopt};
}

// A drill's course, or what one sensor answered. An event of the sensor's own kind is its proof.
Result<void> take_answer(Database& database, const Event& event, WallTime now) {
    const std::string& nonce = *event.drill;
    const auto state = text_of(event.body, "state");
    if (event.type == "agent.drill" && state == "begun") return store::note_begun(database, nonce, now);
    if (event.type == "agent.drill" && state == "ended") return store::note_ended(database, nonce, now);
    const auto sensor = proven_by(event.type, event.body);
    if (sensor.empty()) return {};
    const auto answer = event.type == "agent.drill" ? text_of(event.body, "answer", "failed") : "proven";
    return store::save_answer(database, nonce,
                              {std::string(sensor), std::string(answer), std::string(text_of(event.body, "reason")),
                               event_time(event), now});
}

}  // namespace

Result<void> note_marks(Database& database, const CheckedBatch& checked, WallTime now, Admitted& admitted) {
    for (auto at = checked.events.end() - static_cast<std::ptrdiff_t>(admitted.stored); at != checked.events.end(); ++at) {
        if (!at->marked || !at->line) continue;
        auto decoded = decode_event(*at->line);
        const Event* event = std::get_if<Event>(&decoded);
        if (event == nullptr) continue;  // it was one when it was checked
        auto fault = store::fault_of_mark(database, *event);
        if (!fault) return fault.error();
        if (!fault->empty())
            admitted.notices.push_back(disbelief(*event, *fault));
        else if (auto taken = take_answer(database, *event, now); !taken)
            return taken;
    }
    return {};
}

}  // namespace sallyport::intake
