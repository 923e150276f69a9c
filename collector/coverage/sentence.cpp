// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "collector/coverage/coverage.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::coverage {
namespace {

using std::chrono::milliseconds;

milliseconds length_of(Span span) { return span.to - span.from; }

// `1 h 05 min`, `12 min`, `35 s`: down to the second only below a minute.
std::string duration(milliseconds time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    if (seconds < 60)
        return std::to_string(seconds) + " s";
    const auto minutes = seconds / 60;
    if (minutes < 60)
        return std::to_string(minutes) + " min";
    return std::to_string(minutes / 60) + " h " + (minutes % 60 < 10 ? "0" : "") + std::to_string(minutes % 60) + " min";
}

struct Share {
    std::string name;
    milliseconds time{0};
};

void add(std::vector<Share>& shares, const std::string& name, Span span) {
    const auto known = std::find_if(shares.begin(), shares.end(), [&](const Share& share) { return share.name == name; });
    if (known == shares.end())
        shares.push_back({name, length_of(span)});
    else
        known->time += length_of(span);
}

// One name alone, or each with its time.
std::string listed(const std::vector<Share>& shares) {
    if (shares.size() == 1)
        return shares.front().name;
    std::string text;
    for (const Share& share : shares)
        text += (text.empty() ? "" : ", ") + share.name + " " + duration(share.time);
    return text;
}

std::string states_of(const Coverage& coverage) {
    std::vector<Share> shares;
    for (const Stretch& stretch : coverage.stretches)
        add(shares, std::string(to_string(stretch.state)), stretch.span);
    return listed(shares);
}

std::string camera_of(const Coverage& coverage) {
    std::vector<Share> shares;
    for (const CameraStretch& stretch : coverage.camera) {
        std::string name = stretch.state;
        std::replace(name.begin(), name.end(), '_', ' ');
        add(shares, name, stretch.span);
    }
    return shares.empty() ? std::string() : "; camera " + listed(shares);
}

std::string sensors_of(const Coverage& coverage) {
    std::vector<Share> shares;
    for (const Impaired& impaired : coverage.impaired)
        add(shares, impaired.sensor + " " + impaired.state, impaired.span);
    std::string text;
    for (const Share& share : shares)
        text += "; " + share.name + " " + duration(share.time);
    for (const SensorGap& gap : coverage.sensor_gaps)
        text += "; " + gap.sensor + " missed " + (gap.missed == 0 ? "an unknown number" : std::to_string(gap.missed));
    return text;
}

Record& set_span(Record& record, Span span) {
    return record.set("from", format_time(span.from)).set("to", format_time(span.to));
}

template <class Items, class Describe>
List list_of(const Items& items, Describe describe) {
    List list;
    for (const auto& item : items)
        list.emplace_back(describe(item));
    return list;
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::unheard: return "never heard of";
        case State::monitored: return "monitored";
        case State::off: return "off";
        case State::asleep: return "asleep";
        case State::stopped: return "agent stopped";
        case State::silent: return "silent";
    }
    return "silent";
}

std::string sentence_of(const Coverage& coverage) {
    const auto count = coverage.missing_count();
    const bool watched = std::any_of(coverage.stretches.begin(), coverage.stretches.end(),
                                     [](const Stretch& stretch) { return stretch.state == State::monitored; });
    std::string text = states_of(coverage);
    if (count > 0)
        text += ", " + std::to_string(count) + " missing";
    if (coverage.chain_unproven)
        text += count > 0 ? " and perhaps more before a new chain" : ", perhaps some missing before a new chain";
    else if (watched && count == 0)
        text += ", nothing missing";
    return text + sensors_of(coverage) + camera_of(coverage);
}

Record record_of(const std::string& terminal_id, const Coverage& coverage) {
    Record record{{"terminal_id", terminal_id}};
    set_span(record, coverage.span).set("statement", sentence_of(coverage));
    record.set("stretches", list_of(coverage.stretches, [](const Stretch& stretch) {
        Record item;
        return set_span(item, stretch.span).set("state", to_string(stretch.state));
    }));
    record.set("missing_count", coverage.missing_count());
    record.set("missing", list_of(coverage.missing, [](const Missing& missing) {
        return Record{{"instance", missing.instance}, {"first_seq", missing.first_seq}, {"last_seq", missing.last_seq},
                      {"why", missing.why}};
    }));
    record.set("chain_unproven", coverage.chain_unproven);
    record.set("sensor_gaps", list_of(coverage.sensor_gaps, [](const SensorGap& gap) {
        Record item{{"at", format_time(gap.at)}, {"sensor", gap.sensor}, {"reason", gap.reason}};
        return gap.missed > 0 ? item.set("missed", gap.missed) : item;
    }));
    record.set("impaired", list_of(coverage.impaired, [](const Impaired& impaired) {
        Record item{{"sensor", impaired.sensor}, {"state", impaired.state}};
        return set_span(item, impaired.span);
    }));
    record.set("camera", list_of(coverage.camera, [](const CameraStretch& stretch) {
        Record item;
        return set_span(item, stretch.span).set("state", stretch.state);
    }));
    return record;
}

}  // namespace sallyport::coverage
