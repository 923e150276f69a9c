// SPDX-License-Identifier: Apache-2.0
//
// The peer of script/bench camera: OpenCV's own FaceDetectorYN at 0.9, with nothing around it. A line a picture: its
// name, then x y width height of each face.
#include <turbojpeg.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <opencv2/objdetect.hpp>
#include <vector>

namespace {

cv::Mat read_jpeg(const char* name) {
    std::ifstream in(name, std::ios::binary);
    const std::vector<unsigned char> bytes{std::istreambuf_iterator<char>(in), {}};
    const tjhandle turbo = tjInitDecompress();
    int width = 0, height = 0, subsampling = 0, colours = 0;
    tjDecompressHeader3(turbo, bytes.data(), bytes.size(), &width, &height, &subsampling, &colours);
    cv::Mat picture(height, width, CV_8UC3);
    tjDecompress2(turbo, bytes.data(), bytes.size(), picture.data, width, static_cast<int>(picture.step), height,
                  TJPF_BGR, 0);
    tjDestroy(turbo);
    return picture;
}

}  // namespace

int main(int argc, char** argv) {
    cv::setNumThreads(1);
    const auto detector = cv::FaceDetectorYN::create(argv[1], "", cv::Size(640, 480), 0.9F, 0.3F, 5000);
    for (int i = 2; i < argc; ++i) {
        const cv::Mat picture = read_jpeg(argv[i]);
        detector->setInputSize(picture.size());
        cv::Mat faces;
        detector->detect(picture, faces);
        std::cout << argv[i];
        for (int face = 0; face < faces.rows; ++face)
            for (int column = 0; column < 4; ++column)
                std::cout << ' ' << faces.at<float>(face, column);
        std::cout << '\n';
    }
}
