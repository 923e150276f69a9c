// SPDX-License-Identifier: Apache-2.0
//
// A clip without anybody in it, drawn: a textured wall under sensor noise. For tests that need pictures, not people.
#pragma once

#include <turbojpeg.h>

#include <filesystem>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <string>

namespace sallyport::camera::stage {

inline std::string jpeg_of(const cv::Mat& bgr, int quality) {
    const tjhandle turbo = tjInitCompress();
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    tjCompress2(turbo, bgr.data, bgr.cols, static_cast<int>(bgr.step), bgr.rows, TJPF_BGR, &bytes, &size, TJSAMP_444,
                quality, 0);
    std::string jpeg(reinterpret_cast<const char*>(bytes), size);
    tjFree(bytes);
    tjDestroy(turbo);
    return jpeg;
}

inline cv::Mat drawn_wall() {
    cv::Mat wall(480, 640, CV_8UC3, cv::Scalar::all(128));
    cv::RNG dice(5);
    for (int i = 0; i < 300; ++i) {
        const cv::Point corner(dice.uniform(0, 640), dice.uniform(0, 480));
        cv::rectangle(wall, corner, corner + cv::Point(dice.uniform(8, 70), dice.uniform(8, 70)),
                      cv::Scalar::all(dice.uniform(0, 255)), -1);
    }
    return wall;
}

// So many pictures with noise of their own; `stamp` is put into the middle of each.
inline void write_drawn_clip(const std::filesystem::path& mjpeg, int pictures, const cv::Mat& stamp = {}) {
    std::ofstream out(mjpeg, std::ios::binary | std::ios::trunc);
    const cv::Mat wall = drawn_wall();
    cv::RNG dice(9);
    cv::Mat noise(640, 800, CV_16SC3), picture;
    dice.fill(noise, cv::RNG::NORMAL, 0, 2);
    for (int number = 0; number < pictures; ++number) {
        wall.convertTo(picture, CV_16SC3);
        picture += noise(cv::Rect({dice.uniform(0, 160), dice.uniform(0, 160)}, wall.size()));
        picture.convertTo(picture, CV_8UC3);
        if (!stamp.empty())
            stamp.copyTo(picture(cv::Rect({(640 - stamp.cols) / 2, (480 - stamp.rows) / 2}, stamp.size())));
        out << jpeg_of(picture, 95);
    }
}

}  // namespace sallyport::camera::stage
