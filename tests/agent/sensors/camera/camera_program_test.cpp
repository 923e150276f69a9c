// SPDX-License-Identifier: Apache-2.0
//
// The shipped program on recorded pictures: ../shared/vision where it is, else the portrait that bootstrap unpacks.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "agent/sensors/camera/process/face_detector.hpp"
#include "agent/sensors/camera/process/picture_decoder.hpp"
#include "protocol/json.hpp"

namespace sallyport::camera {
namespace {

const std::filesystem::path kVision = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "vision";
const std::filesystem::path kModel = kVision / "model" / "face_detection_yunet_2022mar.onnx";

struct Ran {
    int status = -1;
    std::vector<Record> lines;
    std::string text;
};

Ran run(const std::string& command) {
    Ran ran;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
        ran.text += line.data();
        if (auto record = read_json_record(std::string_view(line.data()).substr(0, std::strlen(line.data()) - 1),
                                           JsonLimits{.bytes_max = 65536, .depth_max = 4, .fields_max = 2000}))
            ran.lines.push_back(*record);
    }
    const int status = ::pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

std::string program(const std::string& arguments) { return std::string(SALLYPORT_CAMERA) + " " + arguments; }

// First event of the kind at or after `from`; -1 when there is none before `until`.
double first_in(const std::vector<Record>& lines, double from, double until,
                const std::function<bool(const Record&)>& fits) {
    for (const Record& line : lines)
        if (const double t = number_of(line, "t").value(); t >= from && t < until && fits(line))
            return t;
    return -1;
}

class ClipA : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        if (!std::filesystem::exists(kVision / "clips" / "clipA.mp4"))
            return;
        folder_ = std::filesystem::temp_directory_path() / ("clip." + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
        // H.264 took the sensor noise away: it is put back, or the motion gate would look better than it is.
        ASSERT_EQ(std::system(("ffmpeg -v error -y -i '" + (kVision / "clips" / "clipA.mp4").string() +
                               "' -vf noise=alls=6:allf=t:all_seed=1 -q:v 4 -f mjpeg '" +
                               (folder_ / "a.mjpeg").string() + "'")
                                  .c_str()),
                  0);
        ran_ = run(program("--source mjpeg:" + (folder_ / "a.mjpeg").string() + " --fps 10 --no-pace --json --model " +
                           kModel.string()));
    }
    static void TearDownTestSuite() {
        if (!folder_.empty())
            std::filesystem::remove_all(folder_);
    }
    void SetUp() override {
        if (folder_.empty())
            GTEST_SKIP() << "SKIPPED: ../shared absent: no clip to watch";
        ASSERT_EQ(ran_.status, 0);
    }

    static bool onlooker(const Record& line) { return integer_of(line, "onlookers") > 0; }
    static bool absent(const Record& line) {
        return text_of(line, "type") == "camera.presence" && !flag_of(line, "operator_present", true);
    }
    static auto state(std::string_view name) {
        return [name](const Record& line) { return text_of(line, "state") == name; };
    }

    static inline std::filesystem::path folder_;
    static inline Ran ran_;
};

TEST_F(ClipA, GivenTheScriptWhenWatchedThenEveryConditionIsFoundInTime) {
    const auto& lines = ran_.lines;
    EXPECT_GT(first_in(lines, 12, 15, onlooker), 0);
    EXPECT_GT(first_in(lines, 30, 33, onlooker), 0);
    EXPECT_GT(first_in(lines, 42, 46, absent), 0);
    EXPECT_GT(first_in(lines, 60, 62, state("covered")), 0);
    EXPECT_GT(first_in(lines, 70, 72, state("covered")), 0);
    EXPECT_GT(first_in(lines, 80, 82, state("defocused")), 0);
    EXPECT_GT(first_in(lines, 91, 93, state("moved")), 0);
}

TEST_F(ClipA, GivenThePasserByAndTheLightsWhenWatchedThenNothingFalseIsTold) {
    const auto& lines = ran_.lines;
    EXPECT_EQ(first_in(lines, 24, 29, onlooker), -1);
    EXPECT_EQ(first_in(lines, 99.5, 112, [](const Record& line) { return onlooker(line) || absent(line); }), -1);
    int states = 0;
    for (const Record& line : lines)
        states += text_of(line, "type") == "camera.state" ? 1 : 0;
    EXPECT_EQ(states, 9) << ran_.text;  // on at start, then four conditions and their ends
}

TEST(CameraProgram, GivenPhotosWhenDetectedThenRecallIsThatOfPlainYunet) {
    if (!std::filesystem::exists(kVision / "photos"))
        GTEST_SKIP() << "SKIPPED: ../shared absent: no labelled photos";
    auto plain = open_yunet_detector(kModel);
    ASSERT_TRUE(plain);
    std::string images;
    std::size_t expected = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kVision / "photos")) {
        images += " '" + entry.path().string() + "'";
        std::ifstream in(entry.path(), std::ios::binary);
        RawFrame frame;
        frame.bytes.assign(std::istreambuf_iterator<char>(in), {});
        PictureDecoder decoder;
        expected += (*plain)->detect(*decoder.decode(frame)).size();
    }
    const Ran ran = run(program("--model '" + kModel.string() + "' --detect" + images));
    EXPECT_EQ(ran.status, 0);
    std::size_t found = 0;
    for (const Record& line : ran.lines)
        found += line.find("faces")->as<List>()->size();
    EXPECT_EQ(found, expected);
    EXPECT_GE(found, 34U);  // 38 labelled faces, some under 24 pixels
}

TEST(CameraProgram, GivenAModelThatIsNotTheExaminedOneWhenStartedThenTheFallbackIsAnnounced) {
    const auto folder = std::filesystem::temp_directory_path() / ("model." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "m.onnx") << "not a model";
    const Ran ran = run(program("--source dir:/nonexistent --json --model " + (folder / "m.onnx").string() + " 2>&1"));
    EXPECT_EQ(ran.status, 3);
    EXPECT_NE(ran.text.find("SHA-256 differs"), std::string::npos);
    EXPECT_NE(ran.text.find("using the Haar cascade"), std::string::npos);
    EXPECT_NE(ran.text.find("/nonexistent: no *.jpg in it"), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST(CameraProgram, GivenAWrongCallWhenStartedThenItSaysSoAndEndsWithTwo) {
    EXPECT_EQ(run(program("2>/dev/null")).status, 2);
    EXPECT_EQ(run(program("--source webcam:0 --json 2>/dev/null")).status, 3);
}

TEST(PictureDecoder, GivenBrokenPicturesWhenDecodedThenEachIsAnErrorAndNoCrash) {
    PictureDecoder decoder;
    for (const std::string bytes : {"", "no jpeg", "\xff\xd8\xff\xd9", "\xff\xd8\xff\xe0"}) {
        RawFrame frame;
        frame.bytes.assign(bytes.begin(), bytes.end());
        EXPECT_FALSE(decoder.decode(frame));
    }
    RawFrame short_yuyv;
    short_yuyv.format = PixelFormat::yuyv;
    short_yuyv.width = 640;
    short_yuyv.height = 480;
    short_yuyv.bytes.resize(100);
    EXPECT_FALSE(decoder.decode(short_yuyv));
}

}  // namespace
}  // namespace sallyport::camera
