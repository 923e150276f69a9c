// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_sensor.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "agent/sensors/camera/scene_memory.hpp"
#include "protocol/adapters/linux_clock.hpp"
#include "tests/agent/sensors/camera/stage/drawn_clip.hpp"
#include "tests/support/cued_drill.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport::agent {
namespace {

class CameraSensorTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        options_.enabled = true;
        options_.terminal = "T-1";
        options_.enable_file = (folder_ / "enabled").string();
        options_.permit_file = (folder_ / "permit").string();
        options_.seen_file = (folder_ / "seen").string();
        options_.scene_file = (folder_ / "scene").string();
        options_.program = SALLYPORT_CAMERA;
        options_.model = "/nonexistent";  // the fallback detector needs nothing but Debian
        options_.collector_key = collector_.public_key();
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void enable() { std::ofstream(options_.enable_file) << "by hand\n"; }

    void permit(WallTime issued, std::chrono::hours lasts = std::chrono::hours(24), const std::string& terminal = "T-1") {
        CameraPermit permit{terminal, "R-1", "2026-11-01", "MOU-7", issued, issued + lasts};
        auto text = encode_camera_permit(permit, collector_);
        ASSERT_TRUE(text) << text.error().message();
        std::ofstream(options_.permit_file, std::ios::trunc) << *text << "\n";
    }

    void allow() {
        enable();
        permit(LinuxClock().now());
    }
    // A camera process that does what the script says; its socket is descriptor 3.
    void play(const std::string& script) {
        options_.program = (folder_ / "process").string();
        std::ofstream(options_.program) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(options_.program, std::filesystem::perms::owner_all);
        options_.source = "dir:/nonexistent";
    }
    static pid_t camera_process() {
        for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
            std::ifstream in(entry.path() / "status");
            const std::string status{std::istreambuf_iterator<char>(in), {}};
            if (status.starts_with("Name:\tsallyport-camer") &&
                status.find("PPid:\t" + std::to_string(::getpid()) + "\n") != std::string::npos)
                return std::stoi(entry.path().filename().string());
        }
        return 0;
    }
    Result<void> run_until_it_ends(testing::Witness& sink) {
        return make_camera_sensor(options_)->run({}, {sink, sink, LinuxClock(), drill_});
    }
    // A USB camera in that port, as sysfs shows it.
    void plug_camera(const std::string& port, const std::string& vid, const std::string& pid) {
        const auto device = folder_ / "sys/devices/pci0000:00/0000:00:14.0/usb1" / ("1-" + port);
        const auto node = device / ("1-" + port + ":1.0") / "video4linux/video0";
        std::filesystem::create_directories(node);
        const auto write = [&](const char* name, const std::string& text) { std::ofstream(device / name) << text << "\n"; };
        write("idVendor", vid);
        write("idProduct", pid);
        write("devpath", port);
        std::error_code there;
        std::filesystem::create_directory_symlink("../..", node / "device", there);
        std::filesystem::create_directories(folder_ / "sys/class/video4linux");
        std::filesystem::create_directory_symlink(node, folder_ / "sys/class/video4linux/video0", there);
    }
    static posture::CameraPosture webcam() {
        posture::CameraPosture expected;
        expected.vid = "046d";
        expected.pid = "0825";
        expected.width = 1280;
        expected.height = 720;
        expected.frames_per_second = 7;
        expected.thresholds = {{"covered_contrast", 20}};
        return expected;
    }

    std::string forbidden() { return camera_forbidden(options_, clock_.now()).value_or("allowed"); }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("camera." + std::to_string(::getpid()));
    const SigningKey collector_ = *SigningKey::generate();
    testing::ManualClock clock_;
    testing::CuedDrill drill_;
    CameraOptions options_;
};

TEST_F(CameraSensorTest, GivenNothingButTheConfigurationWhenAskedThenTheCameraStaysOff) {
    EXPECT_EQ(forbidden(), "no_enable_file");
    enable();
    EXPECT_EQ(forbidden(), "no_permit");
}

TEST_F(CameraSensorTest, GivenEnableFileAndPermitWhenTheConfigurationForbidsThenItStaysOff) {
    enable();
    permit(clock_.now());
    options_.enabled = false;
    EXPECT_EQ(forbidden(), "not_enabled");
}

TEST_F(CameraSensorTest, GivenBothWhenValidThenItMayRunUntilThePermitEnds) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    enable();
    permit(clock_.now());
    EXPECT_EQ(forbidden(), "allowed");
    clock_.advance(std::chrono::hours(24));
    EXPECT_EQ(forbidden(), "permit_expired");
}

TEST_F(CameraSensorTest, GivenAnEnableFileThatOthersCanWriteWhenAskedThenItDoesNotCount) {
    enable();
    permit(clock_.now());
    std::filesystem::permissions(options_.enable_file, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(forbidden(), "no_enable_file");
}

TEST_F(CameraSensorTest, GivenAPermitOfAnotherKindWhenAskedThenItIsRefused) {
    enable();
    permit(clock_.now(), std::chrono::hours(24), "T-2");
    EXPECT_EQ(forbidden(), "permit_of_another_terminal");
    std::ofstream(options_.permit_file, std::ios::trunc) << R"({"v":1,"camera":"on"})";
    EXPECT_EQ(forbidden(), "permit_refused");
    permit(clock_.now());
    options_.collector_key = SigningKey::generate()->public_key();
    EXPECT_EQ(forbidden(), "permit_refused");
}

TEST_F(CameraSensorTest, GivenAReplacedPermitWhenItComesBackThenItIsRefused) {
    enable();
    permit(clock_.now() - std::chrono::hours(1));
    EXPECT_EQ(forbidden(), "allowed");
    permit(clock_.now());
    EXPECT_EQ(forbidden(), "allowed");
    permit(clock_.now() - std::chrono::hours(1));
    EXPECT_EQ(forbidden(), "permit_replaced");
}

TEST_F(CameraSensorTest, GivenMoreThanSevenDaysWhenIssuedThenThereIsNoSuchPermit) {
    CameraPermit permit{"T-1", "R-1", "2026-11-01", "MOU-7", clock_.now(), clock_.now() + std::chrono::hours(169)};
    EXPECT_EQ(encode_camera_permit(permit, collector_).error().code(), Errc::refused);
}

TEST_F(CameraSensorTest, GivenNoPermissionWhenRunThenNoProcessStartsAndTheStateIsOff) {
    options_.program = "/nonexistent/never-started";
    testing::Witness sink;
    auto sensor = make_camera_sensor(options_);
    std::jthread thread([&](std::stop_token stop) { EXPECT_TRUE(sensor->run(stop, {sink, sink, clock_})); });
    EXPECT_TRUE(sink.await_health("camera", SensorState::off, "no_enable_file"));
    thread.request_stop();
    thread.join();
    EXPECT_TRUE(sink.seen().empty());
}

TEST_F(CameraSensorTest, GivenAPortraitWhenWatchedByTheRealProgramThenPresenceIsObservedAndItsEndIsToo) {
    const std::filesystem::path portrait = std::filesystem::path(SALLYPORT_SOURCE_DIR) / "build/models/portrait.png";
    if (::getuid() != 0 || !std::filesystem::exists(portrait))
        GTEST_SKIP() << "SKIPPED: needs root and the portrait that script/bootstrap unpacks";
    const auto frames = folder_ / "frames";
    std::filesystem::create_directories(frames);
    ASSERT_EQ(std::system(("ffmpeg -v error -y -loop 1 -i '" + portrait.string() +
                           "' -frames:v 20 -vf scale=480:480,pad=640:480:80:0,noise=alls=6:allf=t -q:v 3 '" +
                           frames.string() + "/%03d.jpg'")
                              .c_str()),
              0);
    enable();
    const LinuxClock clock;
    permit(clock.now());
    options_.source = "dir:" + frames.string();
    testing::Witness sink;
    auto sensor = make_camera_sensor(options_);
    std::jthread thread([&](std::stop_token stop) {
        auto ended = sensor->run(stop, {sink, sink, clock});
        EXPECT_FALSE(ended);  // the pictures end: a camera that ends has failed
    });
    EXPECT_TRUE(sink.await_health("camera", SensorState::degraded, "haar_fallback"));
    const auto presence = sink.await("camera.presence");
    ASSERT_TRUE(presence);
    EXPECT_TRUE(flag_of(presence->body, "operator_present"));
    EXPECT_EQ(integer_of(presence->body, "faces"), 1);
    EXPECT_TRUE(sink.await("camera.state", "state", "disconnected"));
    thread.join();
}

TEST_F(CameraSensorTest, GivenTheProcessIsKilledWhenTheSensorRunsAgainThenBothAreToldAndTheAgentLives) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    camera::stage::write_drawn_clip(folder_ / "wall.mjpeg", 50);
    options_.source = "mjpeg:" + (folder_ / "wall.mjpeg").string();
    testing::Witness sink;
    const LinuxClock clock;
    auto sensor = make_camera_sensor(options_);
    for (int round = 0; round < 2; ++round) {
        sink.forget();
        Result<void> ended;
        std::jthread thread([&](const std::stop_token& stop) { ended = sensor->run(stop, {sink, sink, clock}); });
        EXPECT_TRUE(sink.await("camera.state", "state", "on"));
        const pid_t process = camera_process();
        ASSERT_GT(process, 0) << "to kill 0 would be to kill the tests";
        ASSERT_EQ(::kill(process, SIGKILL), 0);
        EXPECT_TRUE(sink.await("camera.state", "state", "disconnected"));
        thread.join();
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().code(), Errc::unavailable);
    }
    EXPECT_EQ(camera_process(), 0);
}

TEST_F(CameraSensorTest, GivenAProcessThatSendsAnythingElseWhenItIsReadThenItIsTrustedNoFurther) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    play("printf 'a picture, perhaps, in more than 32 bytes' >&3; exec sleep 60");
    testing::Witness sink;
    const auto ended = run_until_it_ends(sink);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), Errc::bad_input);
    EXPECT_TRUE(sink.await("camera.state", "state", "disconnected"));
    EXPECT_EQ(sink.seen().size(), 1U);
}

TEST_F(CameraSensorTest, GivenAProcessThatReportsWithoutEndWhenItsBudgetIsSpentThenItIsTrustedNoFurther) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    // State `on` and `covered` in turn: valid reports, too many of them.
    std::string rest;
    for (int i = 0; i < 29; ++i)
        rest += "\\000";
    play("for i in 1 2 3 4 5 6 7 8 9; do printf '\\001\\001\\001" + rest + "' >&3; printf '\\001\\001\\002" + rest +
         "' >&3; done; exec sleep 60");
    testing::Witness sink;
    const auto ended = run_until_it_ends(sink);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), Errc::refused);
    EXPECT_LE(sink.seen().size(), 13U);
}

TEST_F(CameraSensorTest, GivenNumbersOfTheSceneWhenTheyAreSentThenTheNextStartIsGivenThemAndNoEventIsMade) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    std::string rest;
    for (int i = 0; i < 12; ++i)
        rest += "\\000";
    play("echo \"$@\" > " + (folder_ / "words").string() + "; printf '\\001\\003\\000\\000\\000\\000\\000\\000" +
         "\\001\\000\\000\\000\\002\\000\\000\\000\\003\\000\\000\\000" + rest + "' >&3");
    testing::Witness sink;
    EXPECT_FALSE(run_until_it_ends(sink));
    EXPECT_EQ(sink.seen().size(), 1U);  // that it ended
    const auto scene = read_scene(options_.scene_file);
    ASSERT_TRUE(scene);
    EXPECT_EQ(scene->deviation, 2U);
    EXPECT_FALSE(run_until_it_ends(sink));
    std::ifstream words(folder_ / "words");
    const std::string said{std::istreambuf_iterator<char>(words), {}};
    EXPECT_NE(said.find("--scene 1 2 3"), std::string::npos) << said;
}

TEST_F(CameraSensorTest, GivenAFileThatIsNoThreeNumbersWhenReadThenThereIsNoMemory) {
    for (const std::string text : {"", "1 2", "1 2 x", "1 2 1000001", "-1 2 3"}) {
        std::ofstream(options_.scene_file, std::ios::trunc) << text;
        EXPECT_FALSE(read_scene(options_.scene_file)) << text;
    }
}

TEST_F(CameraSensorTest, GivenInputWhenItIsNotedThenTheProcessIsToldOnce) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    const auto input = std::make_shared<InputActivity>();
    input->note(LinuxClock().monotonic());
    options_.input = input;
    play("dd bs=64 count=1 <&3 2>/dev/null | od -An -tu1 > " + (folder_ / "note").string());
    testing::Witness sink;
    EXPECT_FALSE(run_until_it_ends(sink));
    std::ifstream note(folder_ / "note");
    std::vector<int> bytes{std::istream_iterator<int>(note), {}};
    ASSERT_EQ(bytes.size(), 8U);
    EXPECT_EQ(bytes[0], 1);
    EXPECT_EQ(bytes[1], 9);
}

// --- what is expected of the model

TEST_F(CameraSensorTest, GivenACameraInSysfsThenItsModelIsKnownByNodeAndByPort) {
    plug_camera("6.2", "046d", "0825");
    const std::optional known(CameraModel{"046d", "0825"});
    EXPECT_EQ(camera_model(folder_, "v4l2:/dev/video0"), known);
    EXPECT_EQ(camera_model(folder_, "v4l2:usb-0000:00:14.0-6.2"), known);
    EXPECT_EQ(camera_model(folder_, "v4l2:usb-0000:00:14.0-6"), std::nullopt);
    EXPECT_EQ(camera_model(folder_, "v4l2:/dev/video1"), std::nullopt);
    EXPECT_EQ(camera_model(folder_, "mjpeg:/dev/video0"), std::nullopt);
}

TEST_F(CameraSensorTest, GivenAFileOfItsModelThenTheProcessIsAskedForItAndWhatDiffersIsTold) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    plug_camera("6", "046d", "0825");
    // It notes what it was called with, and gives pictures of 640x480.
    const std::string words = (folder_ / "words").string();
    play("echo \"$*\" > " + words + R"(; printf '\001\005\000\000\000\000\000\000\200\002\000\000\340\001\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >&3)");
    options_.source = "v4l2:/dev/video0";
    options_.root = folder_;
    options_.expected = {webcam()};
    testing::Witness witness;
    EXPECT_FALSE(run_until_it_ends(witness));
    std::ifstream in(words);
    const std::string asked{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(asked.find("--fps 7 "), std::string::npos) << asked;
    EXPECT_NE(asked.find("--width 1280 --height 720 --covered-contrast 20.0"), std::string::npos) << asked;
    const auto settings = witness.of("policy.setting");
    ASSERT_EQ(settings.size(), 2U) << witness.listing();
    EXPECT_EQ(write_json(settings[0].body), R"({"name":"camera_model","value":"046d:0825","compliant":"yes"})");
    EXPECT_EQ(write_json(settings[1].body), R"({"name":"camera_resolution","value":"640x480","compliant":"no"})");
}

TEST_F(CameraSensorTest, GivenACameraOfAModelThatNoFileHasThenThatIsTold) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    plug_camera("6", "1bcf", "2cb4");
    play("exit 0");
    options_.source = "v4l2:/dev/video0";
    options_.root = folder_;
    options_.expected = {webcam()};
    testing::Witness witness;
    EXPECT_FALSE(run_until_it_ends(witness));
    const auto settings = witness.of("policy.setting");
    ASSERT_EQ(settings.size(), 1U) << witness.listing();
    EXPECT_EQ(write_json(settings[0].body), R"({"name":"camera_model","value":"1bcf:2cb4","compliant":"no"})");
}

// --- drill

TEST_F(CameraSensorTest, GivenADrillWhenThePatternIsSeenThenTheSensorHasLooked) {
    if (::getuid() != 0)
        GTEST_SKIP() << "SKIPPED: the enable file must be made by root";
    allow();
    // It waits for the agent's word, then says that the pattern is there.
    play(R"(head -c 8 <&3 > /dev/null; printf '\001\006\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' >&3)");
    drill_.begin({"camera"});
    testing::Witness witness;
    EXPECT_FALSE(run_until_it_ends(witness));
    EXPECT_EQ(drill_.answers(), (std::map<std::string, std::string>{{"camera", "looked"}}));
}

TEST_F(CameraSensorTest, GivenACameraThatIsOffWhenADrillBeginsThenItStaysOff) {
    options_.enabled = false;
    drill_.begin({"camera"});
    testing::Witness witness;
    testing::RunningSensor sensor(make_camera_sensor(options_), witness, nullptr, drill_);
    sensor.start();
    EXPECT_TRUE(witness.await_health("camera", SensorState::off, "not_enabled"));
    EXPECT_TRUE(sensor.stop());
    EXPECT_TRUE(drill_.answers().empty());
    EXPECT_TRUE(witness.seen().empty());
}

}  // namespace
}  // namespace sallyport::agent
