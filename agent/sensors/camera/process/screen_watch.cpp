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
constexpr double kNearHeightShare = 36.0 / 480.0;  // about 2.5 m before a camera of 60 degrees
constexpr double kScoreMin = 0.9;

std::string_view state_name(View view) {
    switch (view) {
        case View::clear: return "on";
        case View::covered: return "covered";
        case View::blinded: return "blinded";
        case View::defocused: return "defocused";
        case View::moved: return "moved";
    }
    return "on";
}

double rounded(double value) { return std::round(value * 100) / 100; }

}  // namespace

ScreenWatch::ScreenWatch(std::unique_ptr<FaceDetector> detector)
    : detector_(std::move(detector)),
      tampered_(kTamperRule),
      onlooker_(kOnlookerRule),
      present_(kPresentRule),
      absent_(kAbsentRule) {}

std::vector<CameraEvent> ScreenWatch::look(double t, const cv::Mat& bgr) {
    std::vector<CameraEvent> events;
    const View seen = tamper_.look(bgr);
    judge_view(t, seen, events);
    tamper_.hold_reference(seen != View::clear || view_.value_or(View::clear) != View::clear);
    // A tampered view proves neither presence nor absence: the tamper is the fact.
    if (seen != View::clear || view_.value_or(View::covered) != View::clear)
        return events;
    if (detector_due(t))
        take_sample(t, bgr);
    judge_presence(t, events);
    return events;
}

void ScreenWatch::judge_view(double t, View seen, std::vector<CameraEvent>& events) {
    tampered_.add(t, seen != View::clear);
    if (seen != View::clear)
        candidate_ = seen;
    std::optional<View> settled;
    if (tampered_.mostly_positive())
        settled = view_.value_or(View::clear) == View::clear ? candidate_ : *view_;
    else if (tampered_.mostly_negative() || (!view_ && seen == View::clear))
        settled = View::clear;
    if (!settled || settled == view_)
        return;
    view_ = settled;
    onlooker_.clear();
    present_.clear();
    absent_.clear();
    events.push_back({t, "camera.state", Record{{"state", state_name(*view_)}, {"indicator", "unknown"}}});
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
    last_ = sight(detector_->detect(bgr), bgr.rows);
    last_sample_ = t;
    onlooker_.add(t, last_.onlookers > 0);
    present_.add(t, last_.faces > 0);
    absent_.add(t, last_.faces > 0);
}

ScreenWatch::Sighting ScreenWatch::sight(const std::vector<Face>& faces, int picture_height) {
    Sighting sighting;
    sighting.faces = static_cast<int>(std::min<std::size_t>(faces.size(), 9));
    // The largest face is whoever sits at the terminal; only others that are turned to the screen look at it.
    const auto nearest = std::max_element(faces.begin(), faces.end(),
                                          [](const Face& a, const Face& b) { return a.height < b.height; });
    for (auto face = faces.begin(); face != faces.end(); ++face) {
        if (face == nearest || !face->facing)
            continue;
        sighting.onlookers = std::min(sighting.onlookers + 1, 9);
        sighting.near = sighting.near || face->height >= kNearHeightShare * picture_height;
        sighting.confidence = std::max(sighting.confidence, face->score);
    }
    if (sighting.onlookers == 0 && nearest != faces.end())
        sighting.confidence = nearest->score;
    return sighting;
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
    const double confidence = last_.faces > 0 ? last_.confidence : kScoreMin;
    events.push_back({t, "camera.presence",
                      Record{{"faces", last_.faces},
                             {"operator_present", *operator_present_},
                             {"onlookers", onlookers_},
                             {"duration_ms", static_cast<std::int64_t>(std::max(0.0, t - since) * 1000)},
                             {"confidence", rounded(confidence)},
                             {"zone", near ? "near" : "far"},
                             {"min_confidence", kScoreMin}}});
}

}  // namespace sallyport::camera
