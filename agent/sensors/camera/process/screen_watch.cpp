// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/screen_watch.hpp"

#include <algorithm>
#include <cmath>

namespace sallyport::camera {
namespace {

// 1.0 s of evidence for a tampered view; 1.5 s for an onlooker, so that somebody passing by is none; absence needs 3 s,
// as one who bends down is not gone (policy value of CAM-03 comes on top of it, in the rule).
constexpr EvidenceRule kTamperRule{1.0, 4, 0.75};
constexpr EvidenceRule kOnlookerRule{1.5, 4, 1.2};
constexpr EvidenceRule kPresentRule{1.0, 3, 0.75};
constexpr EvidenceRule kAbsentRule{3.0, 5, 2.7};

constexpr double kMotionShare = 0.004;   // sensor noise of two grey levels gives none at all
constexpr double kSampleMovingS = 0.5;   // detector at most twice a second on motion
constexpr double kSampleStillS = 1.0;    // once a second when still: two would find absence six seconds late
constexpr double kEventsApartS = 1.0;    // dictionary: camera.presence at most once a second
constexpr double kInputProvesS = 5.0;    // who typed so lately is there, seen or not
constexpr float kNearHeightShare = 36.0F / 480.0F;  // about 2.5 m before a camera of 60 degrees
constexpr float kScoreMin = 0.9F;
constexpr int kCountMax = 9;

// A face of less than half the usual operator's height is not at the terminal, it looks on from behind.
constexpr double kOperatorShare = 0.5;
constexpr double kGrowsS = 20;           // the usual height follows a larger face soon,
constexpr double kShrinksS = 300;        // a smaller one only when it stays: a new chair, another person
// Of two faces nearly as large, the one that has moved is the person.
constexpr float kNearlyAsLarge = 0.75F;

CameraState state_of(View view) {
    switch (view) {
        case View::clear: return CameraState::on;
        case View::covered: return CameraState::covered;
        case View::blinded: return CameraState::blinded;
        case View::defocused: return CameraState::defocused;
        case View::moved: return CameraState::moved;
        case View::frozen: return CameraState::frozen;
    }
    return CameraState::on;
}

bool hides_all(View view) { return view == View::covered || view == View::blinded || view == View::frozen; }

}  // namespace

ScreenWatch::ScreenWatch(std::unique_ptr<FaceDetector> detector, const TamperThresholds& thresholds)
    : detector_(std::move(detector)),
      tamper_(thresholds),
      tampered_(kTamperRule),
      hidden_(kTamperRule),
      onlooker_(kOnlookerRule),
      present_(kPresentRule),
      absent_(kAbsentRule) {}

std::vector<CameraEvent> ScreenWatch::look(double t, const Look& look) {
    std::vector<CameraEvent> events;
    const View seen = view_of(t, look);
    judge_view(t, seen, events);
    tamper_.hold_reference(seen != View::clear || view_.value_or(View::clear) != View::clear);
    // A tampered view proves neither presence nor absence: the tamper is the fact.
    if (seen != View::clear || view_.value_or(View::covered) != View::clear)
        return events;
    if (detector_due(t))
        take_sample(t, look.bgr);
    judge_presence(t, events);
    return events;
}

View ScreenWatch::view_of(double t, const Look& look) {
    const View seen = tamper_.look(t, look.bgr);
    if (look.shutter_closed)
        return View::covered;
    // Black repeats itself, too: a covered lens is covered.
    return look.repeats && !tamper_.flat() ? View::frozen : seen;
}

void ScreenWatch::judge_view(double t, View seen, std::vector<CameraEvent>& events) {
    tampered_.add(t, seen != View::clear);
    hidden_.add(t, hides_all(seen));
    if (seen != View::clear)
        candidate_ = seen;
    const View settled = view_.value_or(View::clear);
    if (tampered_.mostly_positive()) {
        // What was turned or blurred first may be covered later; the other way round proves nothing new.
        if (settled == View::clear || (!hides_all(settled) && hides_all(candidate_) && hidden_.mostly_positive()))
            settle(t, candidate_, events);
    } else if (tampered_.mostly_negative() || (!view_ && seen == View::clear)) {
        settle(t, View::clear, events);
    }
}

void ScreenWatch::settle(double t, View view, std::vector<CameraEvent>& events) {
    if (view_ == view)
        return;
    view_ = view;
    onlooker_.clear();
    present_.clear();
    absent_.clear();
    events.push_back({t, state_of(view)});
}

bool ScreenWatch::detector_due(double t) const {
    if (!last_sample_)
        return true;
    const double waited = t - *last_sample_ + 1e-6;
    const bool pending = onlooker_.disputes(onlookers_ > 0) ||
                         (operator_present_ && present_.disputes(*operator_present_)) || !operator_present_;
    return pending || waited >= kSampleStillS || (tamper_.motion() > kMotionShare && waited >= kSampleMovingS);
}

void ScreenWatch::take_sample(double t, const cv::Mat& bgr) {
    last_ = sight(t, bgr);
    last_sample_ = t;
    const bool there = last_.operator_there || t - last_input_ < kInputProvesS;
    onlooker_.add(t, last_.onlookers > 0);
    present_.add(t, there);
    absent_.add(t, there);
}

ScreenWatch::Sighting ScreenWatch::sight(double t, const cv::Mat& bgr) {
    const std::vector<Face> faces = detector_->detect(bgr);
    const auto lives =
        living_.judge(t, bgr, faces, [this, t](const cv::Rect2d& place) { return tamper_.motion_at(t, place); });
    const Face* const sitting = find_operator(faces, lives);
    Sighting sighting;
    float tallest = 0;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        const Face& face = faces[i];
        if (lives[i] == Liveness::picture)
            continue;
        sighting.faces = std::min(sighting.faces + 1, kCountMax);
        if (lives[i] == Liveness::alive)
            tallest = std::max(tallest, face.height);
        // Only who has proved to be a person and is turned to the screen looks at it.
        if (&face == sitting || !face.facing || lives[i] != Liveness::alive)
            continue;
        sighting.onlookers = std::min(sighting.onlookers + 1, kCountMax);
        sighting.near = sighting.near || face.height >= kNearHeightShare * static_cast<float>(bgr.rows);
        sighting.confidence = std::max(sighting.confidence, face.score);
    }
    sighting.operator_there = sitting != nullptr;
    if (sighting.onlookers == 0 && sitting != nullptr)
        sighting.confidence = sitting->score;
    learn_operator_size(t, tallest);
    return sighting;
}

// Whoever sits at the terminal has the largest face; one not yet proved to live keeps the place but does not take it.
const Face* ScreenWatch::find_operator(const std::vector<Face>& faces, const std::vector<Liveness>& lives) const {
    const Face* largest = nullptr;
    const Face* largest_alive = nullptr;
    const bool known_absent = operator_present_ == false;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        if (lives[i] == Liveness::picture || faces[i].height < kOperatorShare * operator_height_)
            continue;
        const bool alive = lives[i] == Liveness::alive;
        if (alive && (largest_alive == nullptr || faces[i].height > largest_alive->height))
            largest_alive = &faces[i];
        if ((alive || !known_absent) && (largest == nullptr || faces[i].height > largest->height))
            largest = &faces[i];
    }
    if (largest_alive != nullptr && largest_alive->height >= kNearlyAsLarge * largest->height)
        return largest_alive;
    return largest;
}

void ScreenWatch::learn_operator_size(double t, float height) {
    const double since = std::clamp(t - operator_learnt_, 0.0, 1.0);
    operator_learnt_ = t;
    if (height <= 0)
        return;
    if (operator_height_ == 0)
        operator_height_ = height;
    operator_height_ += (height - operator_height_) * since / (height > operator_height_ ? kGrowsS : kShrinksS);
}

void ScreenWatch::judge_presence(double t, std::vector<CameraEvent>& events) {
    if (last_sample_ != t || t - last_event_ < kEventsApartS - 1e-6)
        return;
    std::optional<bool> operator_present = operator_present_;
    double since = t;
    if (present_.mostly_positive()) {
        operator_present = true;
    } else if (absent_.mostly_negative()) {
        operator_present = false;
        since = t - kAbsentRule.window_s;
    }
    int onlookers = onlookers_;
    if (onlooker_.mostly_positive()) {
        // More people than before are believed once seen; fewer only when the newest sample agrees with the window.
        onlookers = std::max(1, last_.onlookers);
        since = onlooker_.positive_since();
    } else if (onlooker_.mostly_negative()) {
        onlookers = 0;
    }
    const bool near = onlookers > 0 ? last_.near || (onlooker_near_ && last_.onlookers == 0) : true;
    if (!operator_present || (operator_present == operator_present_ && onlookers == onlookers_ &&
                              (onlookers == 0 || near == onlooker_near_)))
        return;
    operator_present_ = operator_present;
    onlookers_ = onlookers;
    onlooker_near_ = onlookers > 0 && near;
    last_event_ = t;
    // An empty place is seen as surely as the detector's threshold: what was not found scored below it.
    const float confidence = last_.faces > 0 ? last_.confidence : kScoreMin;
    events.push_back({t, Presence{last_.faces, *operator_present_, onlookers_,
                                  std::llround(std::max(0.0, t - since) * 1000),
                                  static_cast<int>(std::lround(confidence * 100)), near}});
}

}  // namespace sallyport::camera
