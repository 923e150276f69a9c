// SPDX-License-Identifier: Apache-2.0
#include "collector/watch/watcher.hpp"

#include <algorithm>

#include "protocol/timestamp.hpp"

namespace sallyport::watch {
namespace {

// What came over the network goes into a letter and a log.
std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
    return text;
}

Alarm alarm_of(const Tidings& tidings, const std::string& ori, WallTime now) {
    Alarm alarm;
    alarm.grave =
        std::any_of(tidings.raised.begin(), tidings.raised.end(), [](const Concern& one) { return one.grave; });
    std::string kinds;
    for (const Concern& one : tidings.raised) {
        kinds += (kinds.empty() ? "" : ", ") + one.kind;
        alarm.text += one.kind + (one.grave ? " (GRAVE)" : "") + ": " + printable(one.text) + "\n";
    }
    for (const std::string& kind : tidings.over)
        alarm.text += kind + ": over\n";
    alarm.subject = "Sallyport " + ori + ": " +
                    (alarm.grave     ? "THE EVIDENCE LOG IS IN DOUBT: " + kinds
                     : kinds.empty() ? "all is well again"
                                     : kinds);
    alarm.text += "seen at " + format_time(now) + "\n";
    if (alarm.grave)
        alarm.text +=
            "Keep the collector's disk as it is, and this host's memory of the last good head. Only a person ends this "
            "alarm:\n"
            "sallyportctl watch --accept REASON (docs/guide-watch.md)\n";
    return alarm;
}

}  // namespace

Watcher::Watcher(const WatchConfiguration& configuration, const Clock& clock, TakeLook look, AskForGrowth growth,
                 Sound sound, PublicKey key)
    : configuration_(configuration),
      clock_(clock),
      look_(std::move(look)),
      growth_(std::move(growth)),
      sound_(std::move(sound)),
      key_(key),
      vigil_({configuration.ori, configuration.stale_after}, {std::move(key)}) {}

Result<Watcher> Watcher::create(const WatchConfiguration& configuration, const Clock& clock, TakeLook look,
                                AskForGrowth growth, Sound sound) {
    auto key = PublicKey::load_pem(configuration.head_key);
    if (!key) return key.error().within("head_key");
    return Watcher(configuration, clock, std::move(look), std::move(growth), std::move(sound), std::move(*key));
}

Watcher::Outcome Watcher::once() {
    Outcome outcome;
    auto remembered = load_memory(configuration_.state);
    WatchMemory memory;
    if (remembered)
        memory = remembered->value_or(WatchMemory());
    else
        outcome.trouble = remembered.error();
    const WallTime now = clock_.now();
    outcome.concerns = vigil_.judge(look_(now), growth_, memory);
    // A memory that cannot be read is not written over: it may be the only witness of the last good head.
    if (!remembered) outcome.concerns.push_back({"memory_lost", true, outcome.trouble->message()});
    const Tidings tidings = tidings_of(outcome.concerns, now, configuration_.repeat_every, memory);
    if (remembered)
        if (auto saved = save_memory(configuration_.state, memory); !saved) outcome.trouble = saved.error();
    if (auto told = tell(tidings); !told) outcome.trouble = told.error();
    return outcome;
}

Result<void> Watcher::tell(const Tidings& tidings) const {
    return tidings.empty() ? Result<void>() : sound_(alarm_of(tidings, configuration_.ori, clock_.now()));
}

Result<std::string> Watcher::accept(const std::string& reason) {
    const WallTime now = clock_.now();
    const Look look = look_(now);
    std::optional<evidence::TreeHead> newest;
    WatchMemory memory;
    memory.began = now;
    for (const HeadView* view : {&look.collector, &look.broker}) {
        if (!view->checkpoint) continue;
        const auto head = evidence::open_checkpoint(*view->checkpoint, std::span(&key_, 1));
        if (!head) return head.error().within("accept");
        if (!newest || head->signed_at > newest->signed_at) {
            newest = *head;
            memory.checkpoint = *view->checkpoint;
        }
    }
    if (!newest) return Error(Errc::unavailable, "accept: neither collector nor broker shows a head");
    if (auto saved = save_memory(configuration_.state, memory); !saved) return saved.error();
    const std::string said = newest->origin + " with " + std::to_string(newest->size) +
                             " leaves is believed from now on: " + printable(reason);
    if (auto told = sound_({false, "Sallyport " + configuration_.ori + ": a head was accepted", said + "\n"}); !told)
        return told.error();
    return said;
}

}  // namespace sallyport::watch
