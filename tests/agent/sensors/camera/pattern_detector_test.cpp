// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/process/pattern_detector.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>


namespace sallyport::camera {
namespace {

// A desk with a sheet of paper in it, 160 pixels wide, that has a QR code on it.
cv::Mat desk_with_pattern() {
    cv::Mat code, picture(480, 640, CV_8UC3, cv::Scalar(120, 130, 140));
    cv::QRCodeEncoder::create()->encode("SALLYPORT DRILL", code);
    cv::resize(code, code, cv::Size(160, 160), 0, 0, cv::INTER_NEAREST);
    cv::cvtColor(code, code, cv::COLOR_GRAY2BGR);
    cv::rectangle(picture, cv::Rect(220, 140, 200, 200), cv::Scalar(245, 245, 245), cv::FILLED);
    code.copyTo(picture(cv::Rect(240, 160, 160, 160)));
    cv::GaussianBlur(picture, picture, cv::Size(3, 3), 0);
    return picture;
}

TEST(PatternDetector, GivenThePrintedPatternWhenItIsSeenTwiceThenItIsThere) {
    PatternDetector detector;
    EXPECT_FALSE(detector.sees(desk_with_pattern()));
    EXPECT_TRUE(detector.sees(desk_with_pattern()));
}

TEST(PatternDetector, GivenNoPatternThenItIsNotThere) {
    PatternDetector detector;
    const cv::Mat plain(480, 640, CV_8UC3, cv::Scalar(120, 130, 140));
    cv::Mat stripes = plain.clone(), noise(480, 640, CV_8UC3);
    for (int x = 0; x < 640; x += 16) cv::rectangle(stripes, cv::Rect(x, 0, 8, 480), cv::Scalar(0, 0, 0), cv::FILLED);
    cv::randu(noise, 0, 255);
    const cv::Mat black = cv::Mat::zeros(480, 640, CV_8UC3);
    for (const cv::Mat& picture : {plain, stripes, noise, black})
        for (int twice = 0; twice < 2; ++twice)
            EXPECT_FALSE(detector.sees(picture));
}

}  // namespace
}  // namespace sallyport::camera
