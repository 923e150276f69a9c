// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/screen_watch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <opencv2/imgproc.hpp>

namespace sallyport::camera {
namespace {

// Faces by script: the detector is hardware's side of the line, the watch is what is tested.
class ScriptedDetector final : public FaceDetector {
public:
    explicit ScriptedDetector(const std::vector<Face>& faces) : faces_(faces) {}
    std::vector<Face> detect(const cv::Mat&) override { return faces_; }

private:
    const std::vector<Face>& faces_;
};

// Something with texture at the face's place, which sways when it lives.
void draw(cv::Mat& picture, const Face& face, double t, bool lives) {
    const double sway = lives ? 4 * std::sin(1.3 * t + face.x) : 0;
    cv::RNG texture(static_cast<std::uint64_t>(face.x) + 3);
    const cv::Rect2f box(face.x + static_cast<float>(sway), face.y, face.width, face.height);
    for (int i = 0; i < 60; ++i) {
        const cv::Point at(cvRound(box.x + box.width * texture.uniform(0.1F, 0.9F)),
                           cvRound(box.y + box.height * texture.uniform(0.1F, 0.9F)));
        cv::circle(picture, at, cvRound(box.width * 0.08F), cv::Scalar::all(texture.uniform(0, 255)), -1);
    }
}

class ScreenWatchTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { cv::setNumThreads(1); }  // as the program does

    const Face kOperator{260, 160, 100, 135, 0.97F, true};
    const Face kBystander{110, 120, 46, 60, 0.95F, true};

    // A room with texture everywhere and a little sensor noise, the same at every run.
    cv::Mat room() {
        if (scene_.empty()) {
            dice_.fill(noise_, cv::RNG::NORMAL, 0, 2);
            scene_ = cv::Mat(480, 640, CV_8UC3);
            cv::RNG texture(7);
            for (int i = 0; i < 400; ++i) {
                const cv::Point corner(texture.uniform(0, 640), texture.uniform(0, 480));
                cv::rectangle(scene_, corner, corner + cv::Point(texture.uniform(8, 60), texture.uniform(8, 60)),
                              cv::Scalar(texture.uniform(0, 255), texture.uniform(0, 255), texture.uniform(0, 255)), -1);
            }
        }
        cv::Mat picture = scene_.clone();
        for (const Face& face : faces_)
            draw(picture, face, t_, faces_live_);
        cv::Mat noisy;
        picture.convertTo(noisy, CV_16SC3);
        const cv::Point corner(dice_.uniform(0, noise_.cols - 640), dice_.uniform(0, noise_.rows - 480));
        noisy += noise_(cv::Rect(corner, scene_.size()));
        noisy.convertTo(noisy, CV_8UC3);
        return noisy;
    }

    // Runs for some seconds at so many pictures a second; returns what was told.
    std::vector<CameraEvent> run(double seconds, const std::function<cv::Mat()>& picture, double per_second = 5) {
        std::vector<CameraEvent> all;
        for (const double end = t_ + seconds; t_ < end; t_ += 1 / per_second)
            for (auto& event : watch_.look(t_, picture()))
                all.push_back(std::move(event));
        return all;
    }
    std::vector<CameraEvent> run(double seconds, double per_second = 5) {
        return run(seconds, [this] { return room(); }, per_second);
    }

    static std::string states(const std::vector<CameraEvent>& events) {
        std::string text;
        for (const auto& event : events)
            if (const auto* state = std::get_if<CameraState>(&event.report))
                text += std::string(name_of(*state)) + " ";
        return text;
    }

    static Presence presence(const CameraEvent& event) { return std::get<Presence>(event.report); }

    std::vector<Face> faces_{kOperator};
    bool faces_live_ = true;
    ScreenWatch watch_{std::make_unique<ScriptedDetector>(faces_)};
    cv::Mat scene_;
    cv::RNG dice_{1};
    cv::Mat noise_ = cv::Mat(640, 800, CV_16SC3);
    double t_ = 0;
};

TEST_F(ScreenWatchTest, GivenAnOperatorWhenNobodyElseComesThenPresenceIsToldOnce) {
    const auto events = run(20);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(states(events), "on ");
    EXPECT_TRUE(presence(events[1]).operator_present);
    EXPECT_EQ(presence(events[1]).onlookers, 0);
}

TEST_F(ScreenWatchTest, GivenASecondFaceWhenItStaysThenAnOnlookerIsToldWithinTwoSeconds) {
    run(5);
    faces_ = {kOperator, kBystander};
    const double came = t_;
    const auto events = run(5);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(presence(events[0]).onlookers, 1);
    EXPECT_TRUE(presence(events[0]).near);
    EXPECT_LT(events[0].t - came, 2.0 + 1.0);  // one second until the still scene is looked at again
}

TEST_F(ScreenWatchTest, GivenASecondFaceWhenItOnlyPassesThenNothingIsTold) {
    run(5);
    faces_ = {kOperator, kBystander};
    run(1.0);
    faces_ = {kOperator};
    EXPECT_TRUE(run(5).empty());
}

// The cascade takes a sixth of a second of a fast core: an old one, busy, does not reach three pictures a second.
TEST_F(ScreenWatchTest, GivenATerminalTooSlowForItsWindowWhenSomebodyLooksOnThenItIsToldAllTheSame) {
    (void)run(10, 1.25);
    faces_ = {kOperator, kBystander};
    const auto events = run(6, 1.25);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(presence(events[0]).onlookers, 1);
    faces_ = {};
    const auto left = run(8, 1.25);
    ASSERT_FALSE(left.empty());
    EXPECT_EQ(presence(left.back()).onlookers, 0);
    EXPECT_FALSE(presence(left.back()).operator_present);
}

TEST_F(ScreenWatchTest, GivenATerminalTooSlowForItsWindowWhenSomebodyPassesThenNothingIsTold) {
    (void)run(10, 2);
    faces_ = {kOperator, kBystander};
    (void)run(1, 2);
    faces_ = {kOperator};
    EXPECT_TRUE(run(6, 2).empty());
}

TEST_F(ScreenWatchTest, GivenASecondFaceWhenItIsTurnedAwayThenItIsNoOnlooker) {
    run(5);
    Face away = kBystander;
    away.facing = false;
    faces_ = {kOperator, away};
    EXPECT_TRUE(run(5).empty());
}

TEST_F(ScreenWatchTest, GivenNoFaceWhenFourSecondsPassThenTheOperatorIsAbsent) {
    run(5);
    faces_.clear();
    const double left = t_;
    const auto events = run(6);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_FALSE(presence(events[0]).operator_present);
    EXPECT_LT(events[0].t - left, 4.2);
}

TEST_F(ScreenWatchTest, GivenACoveredLensWhenItClearsThenBothAreToldAndAbsenceIsNot) {
    run(10);
    faces_.clear();
    const auto covered = run(6, [] { return cv::Mat(480, 640, CV_8UC3, cv::Scalar(12, 12, 12)); });
    EXPECT_EQ(states(covered), "covered ");
    EXPECT_EQ(covered.size(), 1U);
    faces_ = {kOperator};
    EXPECT_EQ(states(run(4)), "on ");
}

TEST_F(ScreenWatchTest, GivenALensCoveredFromTheStartWhenLookedThenItIsTold) {
    EXPECT_EQ(states(run(3, [] { return cv::Mat(480, 640, CV_8UC3, cv::Scalar(5, 5, 5)); })), "covered ");
}

TEST_F(ScreenWatchTest, GivenADefocusedLensWhenLookedThenItIsTold) {
    run(10);
    EXPECT_EQ(states(run(3, [this] {
                  cv::Mat blurred;
                  cv::GaussianBlur(room(), blurred, cv::Size(), 5);
                  return blurred;
              })),
              "defocused ");
}

TEST_F(ScreenWatchTest, GivenATurnedCameraWhenLookedThenItIsTold) {
    run(10);
    EXPECT_EQ(states(run(3, [this] {
                  cv::Mat turned;
                  const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 150, 0, 1, 60);
                  cv::warpAffine(room(), turned, shift, cv::Size(640, 480), cv::INTER_LINEAR, cv::BORDER_REFLECT);
                  return turned;
              })),
              "moved ");
}

TEST_F(ScreenWatchTest, GivenATurnedCameraWhenItStaysSoThenItIsTheNewSceneInTenMinutes) {
    run(10);
    const auto turned = [this] {
        cv::Mat picture;
        const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, 150, 0, 1, 60);
        cv::warpAffine(room(), picture, shift, cv::Size(640, 480), cv::INTER_LINEAR, cv::BORDER_REFLECT);
        return picture;
    };
    EXPECT_EQ(states(run(590, turned, 1.25)), "moved ");
    EXPECT_EQ(states(run(25, turned, 5)), "on ");
}

TEST_F(ScreenWatchTest, GivenATurnedCameraWhenItIsCoveredThenThatIsToldToo) {
    run(10);
    EXPECT_EQ(states(run(3, [this] { return cv::Mat(room().t()).reshape(3, 480).clone(); })), "moved ");
    EXPECT_EQ(states(run(3, [] { return cv::Mat(480, 640, CV_8UC3, cv::Scalar(12, 12, 12)); })), "covered ");
}

TEST_F(ScreenWatchTest, GivenAClosedShutterWhenThePictureSaysNothingThenTheViewIsCovered) {
    run(10);
    std::vector<CameraEvent> all;
    for (const double end = t_ + 3; t_ < end; t_ += 0.2)
        for (auto& event : watch_.look(t_, Look{room(), false, true}))
            all.push_back(event);
    EXPECT_EQ(states(all), "covered ");
    EXPECT_EQ(states(run(3)), "on ");
}

TEST_F(ScreenWatchTest, GivenALensBlurredWhileTheCameraWasOffWhenItStartsThenTheNumbersKeptTell) {
    run(70);
    const auto kept = watch_.lasting();
    ASSERT_TRUE(kept);
    ScreenWatch next(std::make_unique<ScriptedDetector>(faces_));
    next.remember(*kept);
    std::vector<CameraEvent> all;
    for (double t = 0; t < 3; t += 0.2) {
        cv::Mat blurred;
        cv::GaussianBlur(room(), blurred, cv::Size(), 5);
        for (auto& event : next.look(t, blurred))
            all.push_back(event);
    }
    EXPECT_EQ(states(all), "on defocused ");
}

TEST_F(ScreenWatchTest, GivenASharpLensWhenItStartsWithNumbersKeptThenNothingIsTold) {
    run(70);
    ScreenWatch next(std::make_unique<ScriptedDetector>(faces_));
    next.remember(*watch_.lasting());
    std::vector<CameraEvent> all;
    for (double t = 0; t < 3; t += 0.2)
        for (auto& event : next.look(t, room()))
            all.push_back(event);
    EXPECT_EQ(states(all), "on ");
}

TEST_F(ScreenWatchTest, GivenInputWhenNoFaceIsSeenThenTheOperatorIsNotAbsent) {
    run(5);
    faces_.clear();
    for (int i = 0; i < 5; ++i) {
        watch_.note_input(t_);
        EXPECT_TRUE(run(3).empty());
    }
    const auto events = run(10);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_FALSE(presence(events[0]).operator_present);
}

TEST_F(ScreenWatchTest, GivenAFaceThatNeverMovesWhenTenSecondsPassThenItIsNobody) {
    faces_live_ = false;
    const auto events = run(20);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_TRUE(presence(events[1]).operator_present);
    EXPECT_FALSE(presence(events[2]).operator_present);
    EXPECT_EQ(presence(events[2]).faces, 0);
    EXPECT_GT(events[2].t, 10);
}

TEST_F(ScreenWatchTest, GivenAFaceThatNeverMovesWhenSomebodyTypesThenTheOperatorIsThere) {
    faces_live_ = false;
    for (int i = 0; i < 10; ++i) {
        watch_.note_input(t_);
        for (const CameraEvent& event : run(3)) {
            const auto* seen = std::get_if<Presence>(&event.report);
            EXPECT_TRUE(seen == nullptr || seen->operator_present);
        }
    }
}

TEST_F(ScreenWatchTest, GivenASmallFaceWhenTheOperatorLeavesThenItLooksOnAndDoesNotOperate) {
    run(10);
    faces_ = {kBystander};
    const auto events = run(10);
    ASSERT_FALSE(events.empty());
    EXPECT_FALSE(presence(events.back()).operator_present);
    EXPECT_EQ(presence(events.back()).onlookers, 1);
}

TEST_F(ScreenWatchTest, GivenDimmedLightsWhenLookedThenNothingIsTold) {
    run(10);
    EXPECT_TRUE(run(4, [this] { return cv::Mat(room() * 0.45); }).empty());
}

}  // namespace
}  // namespace sallyport::camera
