// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/screen_watch.hpp"

#include <gtest/gtest.h>

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

class ScreenWatchTest : public ::testing::Test {
protected:
    const Face kOperator{260, 160, 100, 135, 0.97F, true};
    const Face kBystander{110, 120, 46, 60, 0.95F, true};

    // A room with texture everywhere and a little sensor noise, the same at every run.
    cv::Mat room() {
        if (scene_.empty()) {
            scene_ = cv::Mat(480, 640, CV_8UC3);
            cv::RNG texture(7);
            for (int i = 0; i < 400; ++i) {
                const cv::Point corner(texture.uniform(0, 640), texture.uniform(0, 480));
                cv::rectangle(scene_, corner, corner + cv::Point(texture.uniform(8, 60), texture.uniform(8, 60)),
                              cv::Scalar(texture.uniform(0, 255), texture.uniform(0, 255), texture.uniform(0, 255)), -1);
            }
        }
        cv::Mat noise(scene_.size(), CV_16SC3), noisy;
        noise_.fill(noise, cv::RNG::NORMAL, 0, 2);
        scene_.convertTo(noisy, CV_16SC3);
        noisy += noise;
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
            if (event.type == "camera.state")
                text += std::string(text_of(event.body, "state")) + " ";
        return text;
    }

    std::vector<Face> faces_{kOperator};
    ScreenWatch watch_{std::make_unique<ScriptedDetector>(faces_)};
    cv::Mat scene_;
    cv::RNG noise_{1};
    double t_ = 0;
};

TEST_F(ScreenWatchTest, GivenAnOperatorWhenNobodyElseComesThenPresenceIsToldOnce) {
    const auto events = run(20);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(states(events), "on ");
    EXPECT_TRUE(flag_of(events[1].body, "operator_present"));
    EXPECT_EQ(integer_of(events[1].body, "onlookers"), 0);
}

TEST_F(ScreenWatchTest, GivenASecondFaceWhenItStaysThenAnOnlookerIsToldWithinTwoSeconds) {
    run(5);
    faces_ = {kOperator, kBystander};
    const double came = t_;
    const auto events = run(5);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(integer_of(events[0].body, "onlookers"), 1);
    EXPECT_EQ(text_of(events[0].body, "zone"), "near");
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
    EXPECT_EQ(integer_of(events[0].body, "onlookers"), 1);
    faces_ = {};
    const auto left = run(8, 1.25);
    ASSERT_FALSE(left.empty());
    EXPECT_EQ(integer_of(left.back().body, "onlookers"), 0);
    EXPECT_FALSE(flag_of(left.back().body, "operator_present", true));
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
    EXPECT_FALSE(flag_of(events[0].body, "operator_present", true));
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

TEST_F(ScreenWatchTest, GivenDimmedLightsWhenLookedThenNothingIsTold) {
    run(10);
    EXPECT_TRUE(run(4, [this] { return cv::Mat(room() * 0.45); }).empty());
}

}  // namespace
}  // namespace sallyport::camera
