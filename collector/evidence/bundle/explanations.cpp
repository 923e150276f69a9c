// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/explanations.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "collector/coverage/reading.hpp"
#include "collector/registers/register_fields.hpp"
#include "collector/store/terminal_history.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

using std::chrono::duration_cast;

constexpr std::chrono::minutes kAround{15};   // before and after what happened, for the sensors
constexpr std::chrono::hours kClockAround{24};  // for steps of the clock and for a second sender
constexpr std::chrono::seconds kFuture{2};    // a line received earlier than it says is wrong by more than this
constexpr std::chrono::minutes kLate{1};
constexpr std::size_t kLinesMax = 200;
constexpr std::size_t kDifferencesMax = 10;
constexpr std::size_t kValueBytesMax = 120;

std::string count_of(std::size_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string span_text(WallTime from, WallTime to) {
    return "from " + format_time(from) + " to " + format_time(to);
}

// Whether a line about that terminal is readable; without one there is nothing to ask with.
bool has_readable(const AlertCase& about) {
    return std::any_of(about.lines.begin(), about.lines.end(), [](const EvidenceLine& line) { return line.event.has_value(); });
}

Explanation answer_of(const AlertCase& about, std::string check, std::string question) {
    return {about.alert.alert_id, std::move(check), std::move(question), "unknown", {}, {}};
}

Explanation withheld(Explanation explanation) {
    explanation.said = "Every line that the alert rests on is withheld: it cannot be asked any more.";
    return explanation;
}

// --- what the registers say -------------------------------------------------------------------------------------------

struct FieldsOfLine {
    const EvidenceLine* line;
    Record then, now;  // as known when the alert was raised, and now
};

std::vector<FieldsOfLine> fields_of(const CaseFile& file, const AlertCase& about, WallTime now) {
    std::vector<FieldsOfLine> all;
    for (const EvidenceLine& line : about.lines) {
        if (!line.event) continue;
        const WallTime at = line.stored.event_time;
        all.push_back({&line,
                       registers::register_fields(file.registers, *line.event, line.terminal, {at, about.alert.known_at}),
                       registers::register_fields(file.registers, *line.event, line.terminal, {at, now})});
    }
    return all;
}

Explanation ask_windows(const AlertCase& about, const std::vector<FieldsOfLine>& fields) {
    auto explanation = answer_of(about, "window", "Was it within a window of maintenance, a visit or an enrolment?");
    if (fields.empty()) return withheld(std::move(explanation));
    std::string said;
    for (const auto& [name, field] : {std::pair{"maintenance", "window.maintenance"}, {"a visit", "window.visitor"},
                                      {"enrolment", "window.enrolment"}}) {
        std::size_t then = 0, now = 0;
        for (const FieldsOfLine& line : fields) {
            then += flag_of(line.then, field) ? 1 : 0;
            now += flag_of(line.now, field) ? 1 : 0;
        }
        if (then + now == 0) continue;
        said += (said.empty() ? "" : " ") + std::string("Of ") + count_of(fields.size(), "line") + ", " + std::to_string(then) +
                " lay within a window of " + name + " as known when the alert was raised, " + std::to_string(now) +
                " as known when this bundle was made.";
    }
    explanation.answer = said.empty() ? "no" : "yes";
    explanation.said = said.empty() ? "The registers have no window that covers any of " + count_of(fields.size(), "line") +
                                          ", as known when the alert was raised and as known when this bundle was made."
                                    : said;
    return explanation;
}

std::string shown(const Value* value) {
    if (value == nullptr) return "nothing";
    std::string text = write_json(*value);
    if (text.size() > kValueBytesMax) text = text.substr(0, kValueBytesMax) + "...";
    return text;
}

// The fields on which what was known then and what is known now differ.
std::set<std::string> differences(const FieldsOfLine& line) {
    std::set<std::string> texts;
    const auto compare = [&](const std::string& name) {
        const Value *then = line.then.find(name), *now = line.now.find(name);
        const bool same = then != nullptr && now != nullptr ? *then == *now : then == now;
        if (!same) texts.insert(name + " was " + shown(then) + ", is " + shown(now));
    };
    for (const auto& [name, value] : line.then)
        compare(name);
    for (const auto& [name, value] : line.now)
        compare(name);
    return texts;
}

Explanation ask_register_lag(const AlertCase& about, const std::vector<FieldsOfLine>& fields, WallTime now) {
    auto explanation = answer_of(about, "register_lag",
                                 "Did the registers learn only later what held at the time, so that the alert would not, or "
                                 "not so, have been raised?");
    if (fields.empty()) return withheld(std::move(explanation));
    std::set<std::string> all;
    for (const FieldsOfLine& line : fields)
        all.merge(differences(line));
    explanation.answer = all.empty() ? "no" : "yes";
    if (all.empty()) {
        explanation.said = "What the registers say of the time of the lines is the same as known at " +
                           format_time(about.alert.known_at) + ", when the alert was raised, and as known at " +
                           format_time(now) + ".";
        return explanation;
    }
    explanation.said = "Between " + format_time(about.alert.known_at) + " and " + format_time(now) +
                       " the registers changed what they say of the time of the lines:";
    std::size_t told = 0;
    for (const std::string& text : all)
        if (told++ < kDifferencesMax) explanation.said += (told == 1 ? " " : "; ") + text;
    if (all.size() > kDifferencesMax) explanation.said += "; and " + std::to_string(all.size() - kDifferencesMax) + " more";
    explanation.said += ".";
    return explanation;
}

// --- what the lines say -----------------------------------------------------------------------------------------------

Result<Explanation> ask_clock(Database& reader, const AlertCase& about) {
    auto explanation = answer_of(about, "clock", "May the terminal's clock have been wrong?");
    if (!has_readable(about)) return withheld(std::move(explanation));
    std::size_t undisciplined = 0, unknown_time = 0, from_the_future = 0, read = 0;
    for (const EvidenceLine& line : about.lines) {
        if (!line.event) continue;
        ++read;
        const bool suspicious = line.event->clock != ClockState::synced || !line.event->occurred_at ||
                                line.stored.received_at + kFuture < line.stored.event_time;
        undisciplined += line.event->clock != ClockState::synced ? 1 : 0;
        unknown_time += !line.event->occurred_at ? 1 : 0;
        from_the_future += line.stored.received_at + kFuture < line.stored.event_time ? 1 : 0;
        if (suspicious) explanation.events.push_back(line.stored.ingest_id);
    }
    const WallTime from = about.alert.first_event_at - kClockAround, to = about.alert.last_event_at + kClockAround;
    std::size_t steps = 0;
    if (about.alert.terminal_id) {
        constexpr std::string_view kTypes[] = {"agent.clock_step"};
        auto found = store::find_lines_between(reader, *about.alert.terminal_id, kTypes, from, to, kLinesMax);
        if (!found) return found.error();
        steps = found->size();
        explanation.events.insert(explanation.events.end(), found->begin(), found->end());
    }
    explanation.answer = undisciplined + unknown_time + from_the_future + steps > 0 ? "yes" : "no";
    explanation.said = "Of " + count_of(read, "line") + ", " + std::to_string(undisciplined) +
                       " came from a clock that was not known to be right, " + std::to_string(unknown_time) +
                       " could not say when it happened, and " + std::to_string(from_the_future) +
                       " was received before the time it states. " +
                       (about.alert.terminal_id ? "The terminal told of " + count_of(steps, "step") + " of its clock " +
                                                      span_text(from, to) + "."
                                                : "The alert is about no single terminal: steps of clocks were not looked for.");
    return explanation;
}

Explanation ask_late_arrival(const AlertCase& about) {
    auto explanation = answer_of(about, "late_arrival", "Did lines arrive late, so that others judged without them?");
    if (about.lines.empty()) return withheld(std::move(explanation));
    std::chrono::milliseconds longest{about.alert.received_lag_ms};
    std::size_t late = 0;
    for (const EvidenceLine& line : about.lines) {
        if (!line.event) continue;
        const auto lag = line.stored.received_at - line.stored.event_time;
        longest = std::max(longest, lag);
        if (lag <= kLate) continue;
        ++late;
        if (explanation.events.size() < kLinesMax) explanation.events.push_back(line.stored.ingest_id);
    }
    explanation.answer = longest > kLate ? "yes" : "no";
    explanation.said = count_of(late, "line") + " came more than a minute after its time; the longest took " +
                       std::to_string(duration_cast<std::chrono::seconds>(longest).count()) +
                       " s. An alert is raised on the line, however late it comes.";
    return explanation;
}

Explanation ask_mark(const AlertCase& about) {
    auto explanation = answer_of(about, "mark", "Was it a drill, a test, expected in a window, or an accepted exception?");
    explanation.answer = about.alert.mark == "none" ? "no" : "yes";
    explanation.said = about.alert.mark == "none" ? "The alert has no such mark."
                                                  : "The alert is marked '" + about.alert.mark + "'.";
    return explanation;
}

// --- what was not seen ------------------------------------------------------------------------------------------------

// Of one terminal, for the whole of the incident there: its chains are read once.
struct Seen {
    coverage::Coverage coverage;
    std::vector<std::int64_t> events;  // what the terminal said of its sensors in that time
};

class Watch {
public:
    Watch(Database& reader, const CaseFile& file, WallTime now) : reader_(reader), now_(now) {
        for (const AlertCase& about : file.alerts) {
            if (!about.alert.terminal_id) continue;
            auto [at, added] = spans_.try_emplace(*about.alert.terminal_id,
                                                  coverage::Span{about.alert.first_event_at, about.alert.last_event_at});
            at->second.from = std::min(at->second.from, about.alert.first_event_at);
            at->second.to = std::max(at->second.to, about.alert.last_event_at);
        }
    }

    // Nothing: there is nothing known of the terminal in that time.
    Result<const Seen*> seen_of(const std::string& terminal) {
        if (const auto known = seen_.find(terminal); known != seen_.end()) return known->second ? &*known->second : nullptr;
        auto& seen = seen_[terminal];
        const coverage::Span span{spans_.at(terminal).from - kAround, spans_.at(terminal).to + kAround};
        auto covered = coverage::read_coverage(reader_, terminal, span, now_);
        // Never heard of, or only of a time that is still to come: a clock that is wrong must not keep evidence back.
        const bool nothing = !covered && (covered.error().code() == Errc::not_found || covered.error().code() == Errc::bad_input);
        if (nothing) return nullptr;
        if (!covered) return covered.error();
        constexpr std::string_view kTypes[] = {"agent.sensor", "agent.start", "agent.stop", "agent.queue"};
        auto lines = store::find_lines_between(reader_, terminal, kTypes, span.from, span.to, kLinesMax);
        if (!lines) return lines.error();
        seen = Seen{std::move(*covered), std::move(*lines)};
        return &*seen;
    }

private:
    Database& reader_;
    WallTime now_;
    std::map<std::string, coverage::Span> spans_;
    std::map<std::string, std::optional<Seen>> seen_;
};

Result<std::vector<Explanation>> ask_coverage(Watch& watch, const AlertCase& about) {
    auto sensors = answer_of(about, "sensors", "Was a sensor off, impaired or the terminal silent at the time?");
    auto missing = answer_of(about, "missing_lines", "Are lines of the time missing, which might say otherwise?");
    const auto both = [&](std::string said) {
        sensors.said = missing.said = std::move(said);
        return std::vector<Explanation>{std::move(sensors), std::move(missing)};
    };
    if (!about.alert.terminal_id) return both("The alert is about no single terminal.");
    auto seen = watch.seen_of(*about.alert.terminal_id);
    if (!seen) return seen.error();
    if (*seen == nullptr) return both("Nothing is known of the terminal in that time.");
    const coverage::Coverage& coverage = (*seen)->coverage;
    const bool watched = std::all_of(coverage.stretches.begin(), coverage.stretches.end(), [](const auto& stretch) {
        return stretch.state == coverage::State::monitored;
    });
    sensors.answer = watched && coverage.impaired.empty() && coverage.sensor_gaps.empty() ? "no" : "yes";
    missing.answer = coverage.missing.empty() && !coverage.chain_unproven ? "no" : "yes";
    const std::string said = "Terminal " + *about.alert.terminal_id + ", " +
                             span_text(coverage.span.from, coverage.span.to) + ": " + coverage::sentence_of(coverage) + ".";
    sensors.events = (*seen)->events;
    return both(said);
}

Result<Explanation> ask_second_sender(Database& reader, const AlertCase& about) {
    auto explanation = answer_of(about, "second_sender",
                                 "May the lines come from another machine that used the terminal's identity?");
    if (!about.alert.terminal_id) {
        explanation.said = "The alert is about no single terminal.";
        return explanation;
    }
    const WallTime from = about.alert.first_event_at - kClockAround, to = about.alert.last_event_at + kClockAround;
    constexpr std::string_view kTypes[] = {"server.fork", "server.instance"};
    auto found = store::find_own_lines(reader, kTypes, "terminal", *about.alert.terminal_id, from, to, kLinesMax);
    if (!found) return found.error();
    auto lines = store::read_events(reader, *found);
    if (!lines) return lines.error();
    std::size_t forks = 0, breaks = 0;
    for (const store::StoredEvent& line : *lines) {
        const auto record = line.line ? read_json_record(*line.line) : Result<Record>(Record{});
        const Value* body = record ? record->find("body") : nullptr;
        const bool is_fork = line.type == "server.fork";
        const bool is_break = !is_fork && body != nullptr && body->as<Record>() != nullptr &&
                              text_of(*body->as<Record>(), "continuity") == "no";
        forks += is_fork ? 1 : 0;
        breaks += is_break ? 1 : 0;
        if (is_fork || is_break) explanation.events.push_back(line.ingest_id);
    }
    explanation.answer = forks + breaks > 0 ? "yes" : "no";
    explanation.said = "The collector noted " + count_of(forks, "fork") + " of the terminal's numbering and " +
                       count_of(breaks, "new history") + " that did not follow from the one before, " + span_text(from, to) +
                       ".";
    return explanation;
}

Result<std::vector<Explanation>> ask_all(Database& reader, const CaseFile& file, const AlertCase& about, Watch& watch,
                                         WallTime now) {
    const auto fields = fields_of(file, about, now);
    std::vector<Explanation> all{ask_mark(about), ask_windows(about, fields), ask_register_lag(about, fields, now)};
    auto clock = ask_clock(reader, about);
    if (!clock) return clock.error();
    all.push_back(std::move(*clock));
    all.push_back(ask_late_arrival(about));
    auto coverage = ask_coverage(watch, about);
    if (!coverage) return coverage.error();
    std::move(coverage->begin(), coverage->end(), std::back_inserter(all));
    auto sender = ask_second_sender(reader, about);
    if (!sender) return sender.error();
    all.push_back(std::move(*sender));
    return all;
}

}  // namespace

Result<std::vector<Explanation>> explanations_of(Database& reader, const CaseFile& file, WallTime now) {
    Watch watch(reader, file, now);
    std::vector<Explanation> explanations;
    for (const AlertCase& about : file.alerts) {
        auto all = ask_all(reader, file, about, watch, now);
        if (!all) return all.error().within("alert " + about.alert.alert_id);
        std::move(all->begin(), all->end(), std::back_inserter(explanations));
    }
    return explanations;
}

Record to_record(const Explanation& explanation) {
    return {{"alert_id", explanation.alert_id},
            {"check", explanation.check},
            {"question", explanation.question},
            {"answer", explanation.answer},
            {"said", explanation.said},
            {"events", List(explanation.events.begin(), explanation.events.end())}};
}

}  // namespace sallyport::evidence
