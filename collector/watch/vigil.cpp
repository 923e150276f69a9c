// SPDX-License-Identifier: Apache-2.0
#include "collector/watch/vigil.hpp"

#include <algorithm>

#include "collector/evidence/proof.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::watch {
namespace {

using evidence::TreeHead;

bool is_grave(std::string_view kind) {
    return kind == "head_refused" || kind == "head_of_another_log" || kind == "head_shrunk" || kind == "head_forked";
}

std::string in_words(const TreeHead& head) {
    return std::to_string(head.size) + " leaves, root " + to_hex(head.root).substr(0, 16) + ", signed " +
           format_time(head.signed_at);
}

std::string ago(std::chrono::milliseconds span) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(span).count();
    return seconds < 120 ? std::to_string(seconds) + " s" : std::to_string(seconds / 60) + " min";
}

bool is_epoch_of(std::string_view origin, std::string_view ori) {
    return origin.starts_with("sallyport/" + std::string(ori) + "/");
}

}  // namespace

// One look, step by step.
struct Vigil::Judging {
    const VigilOptions& options;
    std::span<const PublicKey> keys;
    const Look& look;
    const AskForGrowth& growth;
    WatchMemory& memory;
    std::vector<Concern> concerns{};
    std::optional<TreeHead> last{};  // believed before this look

    void concern(std::string kind, std::string text) {
        const bool grave = is_grave(kind);
        const bool known =
            std::any_of(concerns.begin(), concerns.end(), [&](const Concern& one) { return one.kind == kind; });
        if (!known) concerns.push_back({std::move(kind), grave, std::move(text)});
    }
    [[nodiscard]] bool doubts_the_log() const {
        return std::any_of(concerns.begin(), concerns.end(), [](const Concern& one) { return one.grave; });
    }

    // Measured from the last answer, or from the first look where there never was one.
    void hear(const std::string& side, const HeadView& view) {
        if (view.answers()) memory.heard[side] = look.at;
        const auto heard = memory.heard.find(side);
        const WallTime since = heard == memory.heard.end() ? memory.began : heard->second;
        if (!view.answers() && look.at - since >= options.stale_after)
            concern(side + "_silent",
                    "the " + side + " does not answer (" + *view.silence + "), since " + ago(look.at - since));
    }

    std::optional<TreeHead> open(const std::string& side, const HeadView& view) {
        if (!view.checkpoint) return std::nullopt;
        auto head = evidence::open_checkpoint(*view.checkpoint, keys);
        if (!head) {
            concern("head_refused", "the head that the " + side + " shows is not the log's: " + head.error().message());
            return std::nullopt;
        }
        if (!is_epoch_of(head->origin, options.ori)) {
            concern("head_of_another_log", "the " + side + " shows a head of " + head->origin);
            return std::nullopt;
        }
        return *head;
    }

    void fork(const TreeHead& one, const TreeHead& other) {
        concern("head_forked", "two heads of one log contradict each other: " + in_words(one) + "; " + in_words(other));
    }

    // Whether the smaller one is the beginning of the larger one.
    bool is_one_log(const TreeHead& one, const TreeHead& other) {
        const auto& [from, to] =
            std::minmax(one, other, [](const TreeHead& a, const TreeHead& b) { return a.size < b.size; });
        if (from.size == to.size) {
            if (from.root != to.root) fork(one, other);
            return from.root == to.root;
        }
        if (from.size == 0) return true;
        const auto path = growth(from.size, to.size);
        if (!path) {
            unproven = "no proof leads from " + in_words(from) + " to " + in_words(to) + ": " + path.error().message();
            return false;
        }
        const bool proven = evidence::verify_consistency({from.size, to.size, *path}, from.root, to.root).ok();
        if (!proven) fork(from, to);
        return proven;
    }
    std::optional<std::string> unproven{};

    // The collector shows its newest head: one smaller than a head seen before was cut off. What the broker holds may
    // be some seconds older, but not signed later and smaller.
    bool is_believable(const TreeHead& head, bool newest) {
        if (!last) return true;
        if (head.origin != last->origin) {
            concern("head_of_another_log",
                    "the log " + last->origin + " was replaced by " + head.origin + " (restored from a backup?)");
            return false;
        }
        if (head.size < last->size && (newest || head.signed_at > last->signed_at)) {
            concern("head_shrunk", "the log lost leaves: it had " + in_words(*last) + ", and has " + in_words(head));
            return false;
        }
        return is_one_log(*last, head);
    }

    void judge_heads() {
        const auto shown = open("collector", look.collector), kept = open("broker", look.broker);
        std::optional<TreeHead> newest = last;
        std::optional<std::string> newest_text = memory.checkpoint;
        const auto take = [&](const std::optional<TreeHead>& head, const HeadView& view, bool is_newest) {
            if (!head || !is_believable(*head, is_newest)) return;
            if (!newest || head->size > newest->size ||
                (head->size == newest->size && head->signed_at > newest->signed_at)) {
                newest = head;
                newest_text = view.checkpoint;
            }
        };
        take(shown, look.collector, true);
        take(kept, look.broker, false);
        if (shown && kept && !doubts_the_log() && shown->origin == kept->origin) (void)is_one_log(*shown, *kept);
        judge_age(newest, look.collector.checkpoint || look.broker.checkpoint);
        // While somebody still has to say what to make of it, the last good head stays the one that counts.
        const bool stands = std::any_of(memory.raised.begin(), memory.raised.end(),
                                        [](const auto& one) { return is_grave(one.first); });
        if (!doubts_the_log() && !stands) memory.checkpoint = newest_text;
    }

    void judge_age(const std::optional<TreeHead>& newest, bool any_shown) {
        const WallTime signed_at = newest ? newest->signed_at : memory.began;
        const auto age = look.at - signed_at;
        if (-age >= options.stale_after)
            concern("clocks_apart", "the newest head was signed " + ago(-age) +
                                        " from now: the collector's clock or this one is wrong");
        if (age < options.stale_after) return;
        if (newest)
            concern("head_old", "the newest head was signed " + ago(age) + " ago: " + in_words(*newest));
        else if (!any_shown)
            concern("head_missing", "neither collector nor broker shows a head of the log, since " + ago(age));
        if (unproven) concern("head_unproven", *unproven);
    }

    void run() {
        if (memory.began == WallTime()) memory.began = look.at;
        if (memory.checkpoint)
            if (auto known = evidence::read_checkpoint(*memory.checkpoint)) last = *known;
        hear("collector", look.collector);
        hear("broker", look.broker);
        judge_heads();
    }
};

std::vector<Concern> Vigil::judge(const Look& look, const AskForGrowth& growth, WatchMemory& memory) const {
    Judging judging{options_, keys_, look, growth, memory};
    judging.run();
    // What contradicts the log does not go away by itself: the next look may be shown a smooth face again.
    for (const auto& [kind, alarm] : memory.raised)
        if (is_grave(kind))
            judging.concern(kind, "seen at " + format_time(alarm.since) + ", and nobody has accepted it yet");
    return std::move(judging.concerns);
}

Tidings tidings_of(const std::vector<Concern>& concerns, WallTime now, std::chrono::seconds repeat_every,
                   WatchMemory& memory) {
    Tidings tidings;
    std::map<std::string, RaisedAlarm> raised;
    for (const Concern& one : concerns) {
        const auto before = memory.raised.find(one.kind);
        RaisedAlarm alarm = before == memory.raised.end() ? RaisedAlarm{now, now} : before->second;
        if (before == memory.raised.end() || now - alarm.told_at >= repeat_every) {
            alarm.told_at = now;
            tidings.raised.push_back(one);
        }
        raised[one.kind] = alarm;
    }
    for (const auto& [kind, alarm] : memory.raised)
        if (!raised.contains(kind)) tidings.over.push_back(kind);
    memory.raised = std::move(raised);
    return tidings;
}

}  // namespace sallyport::watch
