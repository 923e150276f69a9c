// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/matcher.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::rules {
namespace {

// Logsources come from a handful of sensors; whoever sends more of them starts the table anew.
constexpr std::size_t kRoutesMax = 1024;

}  // namespace

Matcher::Matcher(std::shared_ptr<const MatchIndex> index)
    : index_(std::move(index)),
      view_(index_->rules().table),
      true_in_(index_->questions().size()),
      asked_in_(index_->questions().size()),
      scanned_in_(index_->fields()),
      considered_in_(index_->detections().size()),
      matched_(index_->rules().compiled.size()) {
    index_->prepare(scan_);
}

// --- routes
// ---------------------------------------------------------------------------------------------------------

const Matcher::Route& Matcher::route_for(const std::optional<Logsource>& logsource) {
    route_key_.clear();
    if (logsource) {
        route_key_ += '=';
        route_key_ += logsource->product;
        for (const auto* list : {&logsource->category, &logsource->service}) {
            route_key_ += '\0';
            for (const std::string& text : *list)
                (route_key_ += text) += '\1';
        }
    }
    const auto at = routes_.find(route_key_);
    if (at != routes_.end()) return at->second;
    if (routes_.size() >= kRoutesMax) routes_.clear();
    return routes_.emplace(route_key_, make_route(logsource)).first->second;
}

Matcher::Route Matcher::make_route(const std::optional<Logsource>& logsource) const {
    Route route;
    route.active.resize(index_->detections().size());
    route.wanted.resize(index_->rules().table.fields().size());
    route.scanned.resize(index_->fields());
    for (std::size_t i = 0; i < route.active.size(); ++i) {
        const Detection& detection = index_->detections()[i];
        if (!fits(detection.logsource, logsource)) continue;
        route.active[i] = 1;
        if (!detection.has_witness) route.always.push_back(static_cast<int>(i));
        for (const int field : detection.fields)
            if (field == kAnyField)
                route.everything = true;
            else
                route.wanted[static_cast<std::size_t>(field)] = 1;
        for (const int question : detection.witness)
            route.scanned[MatchIndex::place_of(
                index_->questions()[static_cast<std::size_t>(question)].field)] = 1;
    }
    return route;
}

// --- one event
// ------------------------------------------------------------------------------------------------------

const std::vector<int>& Matcher::match(const Record& fields, const std::optional<Logsource>& logsource,
                                       const ThresholdSource& thresholds) {
    const Route& route = route_for(logsource);
    view_.read(fields, {route.wanted.data(), route.everything});
    return judge(route, thresholds);
}

Result<const std::vector<int>*> Matcher::match(const EventLine& line,
                                               const std::optional<Logsource>& logsource,
                                               const ThresholdSource& thresholds) {
    const Route& route = route_for(logsource);
    if (auto read = view_.read(line, {route.wanted.data(), route.everything}); !read) return read.error();
    return &judge(route, thresholds);
}

const std::vector<int>& Matcher::judge(const Route& route, const ThresholdSource& thresholds) {
    for (const int rule : matches_)
        matched_[static_cast<std::size_t>(rule)] = false;
    matches_.clear();
    candidates_.clear();
    route_ = &route;
    if (++event_ == 0) {  // the numbers have gone round: nothing may look like this event's
        for (auto* numbers : {&true_in_, &asked_in_, &scanned_in_, &considered_in_})
            std::fill(numbers->begin(), numbers->end(), 0);
        event_ = 1;
    }
    for (const int field : view_.fields()) {
        for (const int detection : index_->witnessed_by_field(field))
            consider(route, detection);
        if (route.scanned[MatchIndex::place_of(field)] != 0) scan(field);
    }
    if (route.scanned[MatchIndex::place_of(kAnyField)] != 0) scan(kAnyField);
    for (const int detection : route.always)
        consider(route, detection);
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
        const Detection& detection = index_->detections()[static_cast<std::size_t>(candidates_[i])];
        if (!run(detection, thresholds)) continue;
        matched_[static_cast<std::size_t>(detection.rule)] = true;
        matches_.push_back(detection.rule);
    }
    std::sort(matches_.begin(), matches_.end());
    return matches_;
}

// Sets the bit of every question that this field's values answer with yes.
void Matcher::scan(int field) {
    scanned_in_[MatchIndex::place_of(field)] = event_;
    const FieldIndex& index = index_->field(field);
    view_.any_leaf(field, [&](EventView::Leaf& leaf) {
        index.scan(view_, leaf, scan_, [&](int predicate) {
            for (const int question : index_->questions_of(predicate)) {
                auto& mark = true_in_[static_cast<std::size_t>(question)];
                if (mark == event_) continue;
                mark = event_;
                for (const int detection : index_->witnessed_by(question))
                    consider(*route_, detection);
            }
        });
        return false;
    });
}

void Matcher::consider(const Route& route, int detection) {
    const auto at = static_cast<std::size_t>(detection);
    if (route.active[at] == 0 || considered_in_[at] == event_) return;
    considered_in_[at] = event_;
    candidates_.push_back(detection);
}

bool Matcher::answer(int number, const ThresholdSource& thresholds) {
    const auto at = static_cast<std::size_t>(number);
    const Question& question = index_->questions()[at];
    if (question.asked < 0) {
        if (scanned_in_[MatchIndex::place_of(question.field)] != event_) scan(question.field);
    } else if (asked_in_[at] != event_) {
        asked_in_[at] = event_;
        const auto& predicate = index_->rules().table.predicates()[static_cast<std::size_t>(question.asked)];
        if (view_.holds(predicate, thresholds)) true_in_[at] = event_;
    }
    return true_in_[at] == event_;
}

bool Matcher::run(const Detection& detection, const ThresholdSource& thresholds) {
    int at = detection.entry;
    while (at >= 0) {
        const Step& step = detection.program[static_cast<std::size_t>(at)];
        at = answer(step.question, thresholds) ? step.on_true : step.on_false;
    }
    return at == Step::kMatches;
}

}  // namespace sallyport::rules
