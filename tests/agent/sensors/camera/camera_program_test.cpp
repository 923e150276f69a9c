// SPDX-License-Identifier: Apache-2.0
//
// The shipped program on recorded pictures: ../shared/vision where it is, else the portrait that bootstrap unpacks.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "agent/sensors/camera/process/face_detector.hpp"
#include "agent/sensors/camera/process/picture_decoder.hpp"
#include "tests/agent/sensors/camera/stage/camera_program.hpp"

namespace sallyport::camera {
namespace {

using namespace stage;

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
        ran_ = run_program("--source mjpeg:" + (folder_ / "a.mjpeg").string() +
                           " --fps 10 --no-pace --json --model " + kModel.string());
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

    static inline std::filesystem::path folder_;
    static inline Ran ran_;
};

TEST_F(ClipA, GivenTheScriptWhenWatchedThenEveryConditionIsFoundInTime) {
    const auto& lines = ran_.lines;
    EXPECT_GT(first_in(lines, 12, 15, tells_onlooker), 0);
    EXPECT_GT(first_in(lines, 30, 33, tells_onlooker), 0);
    EXPECT_GT(first_in(lines, 42, 46, tells_absent), 0);
    EXPECT_GT(first_in(lines, 60, 62, tells_state("covered")), 0);
    EXPECT_GT(first_in(lines, 70, 72, tells_state("covered")), 0);
    EXPECT_GT(first_in(lines, 80, 82, tells_state("defocused")), 0);
    EXPECT_GT(first_in(lines, 91, 93, tells_state("moved")), 0);
}

TEST_F(ClipA, GivenThePasserByAndTheLightsWhenWatchedThenNothingFalseIsTold) {
    const auto& lines = ran_.lines;
    EXPECT_EQ(first_in(lines, 24, 29, tells_onlooker), -1);
    EXPECT_EQ(first_in(lines, 99.5, 112, [](const Record& line) { return tells_onlooker(line) || tells_absent(line); }), -1);
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
    const Ran ran = run_program("--model '" + kModel.string() + "' --detect" + images);
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
    const Ran ran = run_program("--source dir:/nonexistent --json --model " + (folder / "m.onnx").string() + " 2>&1");
    EXPECT_EQ(ran.status, 3);
    EXPECT_NE(ran.text.find("SHA-256 differs"), std::string::npos);
    EXPECT_NE(ran.text.find("using the Haar cascade"), std::string::npos);
    EXPECT_NE(ran.text.find("/nonexistent: no *.jpg in it"), std::string::npos);
    std::filesystem::remove_all(folder);
}

TEST(CameraProgram, GivenAWrongCallWhenStartedThenItSaysSoAndEndsWithTwo) {
    EXPECT_EQ(run_program("2>/dev/null").status, 2);
    EXPECT_EQ(run_program("--source webcam:0 --json 2>/dev/null").status, 3);
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
