// SPDX-License-Identifier: Apache-2.0
#include "tests/agent/sensors/camera/stage/people.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "agent/sensors/camera/process/picture_decoder.hpp"

namespace sallyport::camera::stage {
namespace {

struct Label {
    const char* photo;
    cv::Rect2d face;
};
// Of photos.json: single people whose shoulders are in the picture.
const std::array<Label, 6> kLabels = {{{"009_C.jpg", {103, 133, 132, 175}},
                                       {"004_A.jpg", {239, 358, 158, 183}},
                                       {"detection1.jpg", {412, 75, 229, 274}},
                                       {"test-image-person-group.jpg", {303, 109, 129, 152}},
                                       {"test-image-person-group.jpg", {496, 154, 105, 136}},
                                       {"014_5.jpg", {658, 259, 69, 78}}}};

cv::Mat office() {
    cv::Mat wall(480, 640, CV_8UC3, cv::Scalar(168, 176, 180));
    for (int y = 0; y < 480; ++y)
        wall.row(y) -= cv::Scalar::all(y / 12);
    cv::rectangle(wall, {40, 60, 110, 330}, {120, 140, 165}, -1);   // door
    cv::rectangle(wall, {48, 68, 94, 310}, {105, 125, 150}, -1);
    cv::rectangle(wall, {330, 70, 120, 80}, {215, 205, 190}, -1);   // picture of nothing
    cv::rectangle(wall, {330, 70, 120, 80}, {60, 60, 60}, 3);
    cv::rectangle(wall, {520, 120, 120, 270}, {85, 95, 110}, -1);   // cupboard
    cv::line(wall, {580, 120}, {580, 390}, {60, 70, 85}, 3);
    cv::rectangle(wall, {0, 390, 640, 90}, {70, 85, 105}, -1);      // desk
    cv::GaussianBlur(wall, wall, cv::Size(), 1.0);
    return wall;
}

cv::Mat hall(const std::filesystem::path& vision) {
    const auto folder = std::filesystem::temp_directory_path() / ("hall." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string command = "ffmpeg -v error -y -ss 50 -i '" + (vision / "clips" / "clipA.mp4").string() +
                                "' -frames:v 1 -q:v 2 '" + (folder / "hall.jpg").string() + "'";
    if (std::system(command.c_str()) != 0)
        throw std::runtime_error("ffmpeg failed");
    cv::Mat picture = read_jpeg(folder / "hall.jpg");
    std::filesystem::remove_all(folder);
    return picture;
}

}  // namespace

cv::Mat read_jpeg(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    RawFrame frame;
    frame.bytes.assign(std::istreambuf_iterator<char>(in), {});
    auto picture = PictureDecoder().decode(frame);
    if (!picture)
        throw std::runtime_error(file.string() + ": " + picture.error().message());
    return std::move(picture).value();
}

Person person(const std::filesystem::path& vision, int number, double face_height) {
    const Label& label = kLabels.at(static_cast<std::size_t>(number));
    const cv::Mat photo = read_jpeg(vision / "photos" / label.photo);
    const cv::Rect2d& face = label.face;
    const cv::Rect2d wanted(face.x - 0.9 * face.width, face.y - 0.6 * face.height, 2.8 * face.width, 3.0 * face.height);
    const cv::Rect cut = cv::Rect(wanted) & cv::Rect(0, 0, photo.cols, photo.rows);
    const double scale = face_height / face.height;

    Person one;
    cv::resize(photo(cut), one.bgr, cv::Size(), scale, scale, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    one.bgr.convertTo(one.bgr, CV_32FC3);
    one.face = {(face.x - cut.x) * scale, (face.y - cut.y) * scale, face.width * scale, face.height * scale};
    one.alpha = cv::Mat::zeros(one.bgr.size(), CV_32F);
    const cv::Point head(cvRound(one.face.x + one.face.width / 2), cvRound(one.face.y + one.face.height * 0.42));
    cv::ellipse(one.alpha, head, cv::Size(cvRound(one.face.width * 0.72), cvRound(one.face.height * 0.85)), 0, 0, 360,
                cv::Scalar(1), -1);
    cv::ellipse(one.alpha, head + cv::Point(0, cvRound(one.face.height * 1.9)),
                cv::Size(cvRound(one.face.width * 1.3), cvRound(one.face.height * 1.15)), 0, 0, 360, cv::Scalar(1), -1);
    cv::GaussianBlur(one.alpha, one.alpha, cv::Size(), std::max(0.8, face_height * 0.03));
    return one;
}

Person turned_away(Person one) {
    const cv::Point head(cvRound(one.face.x + one.face.width / 2), cvRound(one.face.y + one.face.height * 0.42));
    cv::ellipse(one.bgr, head, cv::Size(cvRound(one.face.width * 0.66), cvRound(one.face.height * 0.8)), 0, 0, 360,
                cv::Scalar(38, 48, 62), -1);
    return one;
}

cv::Mat room(const std::filesystem::path& vision, const std::string& name) {
    if (name == "office")
        return office();
    if (name == "hall")
        return hall(vision);
    const std::string photo = name == "house" ? "house.jpg" : name == "print" ? "printed_text.jpg" : "017_0.jpg";
    cv::Mat picture = read_jpeg(vision / "photos" / photo);
    const double scale = std::max(640.0 / picture.cols, 480.0 / picture.rows);
    cv::resize(picture, picture, cv::Size(), scale, scale, cv::INTER_AREA);
    return picture(cv::Rect((picture.cols - 640) / 2, (picture.rows - 480) / 2, 640, 480)).clone();
}

}  // namespace sallyport::camera::stage
