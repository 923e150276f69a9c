// SPDX-License-Identifier: Apache-2.0
//
// The watch around the vigil: its configuration, its memory on the disk, the ways in which people are told.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "collector/watch/watch_configuration.hpp"
#include "collector/watch/watcher.hpp"
#include "own_log.hpp"
#include "protocol/files.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::watch {
namespace {

using namespace std::chrono_literals;

class Watch : public ::testing::Test {
protected:
    std::string path(std::string_view name) const { return (folder_ / name).string(); }
    std::string write(std::string_view name, std::string_view text, mode_t mode = 0600) const {
        std::ofstream(folder_ / name) << text;
        ::chmod(path(name).c_str(), mode);
        return path(name);
    }
    std::string content(std::string_view name) const {
        return read_file(folder_ / name) ? *read_file(folder_ / name) : "";
    }
    // A program that keeps what it is given: arguments, an empty line, its input.
    std::string keeper(std::string_view name) const {
        return write(name, "#!/bin/sh\n{ echo \"$@\"; echo; cat; } >> '" + path(name) + ".got'\n", 0700);
    }

    testing::TemporaryFolder folder_;
};

constexpr auto kGood =
    "agency: {ori: CA0300000}\n"
    "collector: {host: collector.example, ca: ca.pem}\n"
    "broker: {host: broker.example, port: 8884, ca: ca.pem, certificate: watch.pem, key: watch.key}\n"
    "head_key: log.pub\n"
    "state: state.json\n"
    "alarm:\n"
    "  command: [/usr/bin/page, --urgent]\n"
    "  mail: {to: [spoc@example.gov], from: watch@example.gov}\n";

TEST_F(Watch, GivenAGoodFileWhenReadThenRelativeNamesAreBesideItAndTheRestIsAsDecided) {
    const auto loaded = load_watch_configuration(write("watch.yml", kGood));
    const auto* configuration = std::get_if<WatchConfiguration>(&loaded);
    ASSERT_NE(configuration, nullptr) << std::get<std::vector<std::string>>(loaded).front();
    EXPECT_EQ(configuration->collector.port, 8443);
    EXPECT_EQ(configuration->broker.port, 8884);
    EXPECT_EQ(configuration->broker.key_file, path("watch.key"));
    EXPECT_EQ(configuration->stale_after, 300s);
    EXPECT_EQ(configuration->alarm.command.size(), 2U);
}

TEST_F(Watch, GivenFaultsWhenReadThenEachIsNamedWithItsLine) {
    const auto faults = [&](const std::string& old_text, const std::string& new_text) {
        std::string text = kGood;
        text.replace(text.find(old_text), old_text.size(), new_text);
        const auto loaded = load_watch_configuration(write("watch.yml", text));
        const auto* found = std::get_if<std::vector<std::string>>(&loaded);
        return found == nullptr ? std::string("none") : found->front().substr(path("").size());
    };
    EXPECT_EQ(faults("CA0300000", "x"), "watch.yml:1: 'ori' must be nine upper-case letters and digits");
    EXPECT_EQ(faults("head_key", "headkey"), "watch.yml:4: 'headkey' is not known in the file");
    EXPECT_EQ(faults("state: state.json", "state: s\nstale_after_s: 301"),
              "watch.yml:6: 'stale_after_s' must be 1..300")
        << "may only be stricter";
    EXPECT_EQ(faults("/usr/bin/page", "page"), "watch.yml:7: 'command' must begin with the full path of a program");
    EXPECT_EQ(faults("spoc@example.gov", "-oQ/tmp@x"), "watch.yml:8: '-oQ/tmp@x' is no mail address")
        << "would be an option of sendmail";
    EXPECT_EQ(faults("from: watch@example.gov", "from: \"a@b\\nBcc: c@d\"").substr(0, 13), "watch.yml:8: ");
    EXPECT_EQ(faults("8884", "0"), "watch.yml:3: 'port' must be 1..65535");
}

TEST_F(Watch, GivenAnAlarmWhenSoundedThenCommandAndMailGetItsText) {
    AlarmWays ways;
    ways.syslog = false;
    ways.command = {keeper("page"), "--urgent", "two words"};
    ways.mail_to = {"spoc@example.gov", "deputy@example.gov"};
    ways.mail_from = "watch@example.gov";
    ways.sendmail = keeper("sendmail");
    const auto told = sound(ways, {true, "Subject of it", "line one\nline two\n"});
    ASSERT_TRUE(told) << told.error().message();
    EXPECT_EQ(content("page.got"), "--urgent two words\n\nSubject of it\n\nline one\nline two\n");
    EXPECT_EQ(content("sendmail.got"),
              "-i -f watch@example.gov -- spoc@example.gov deputy@example.gov\n\nFrom: watch@example.gov\n"
              "To: spoc@example.gov, deputy@example.gov\nSubject: Subject of it\nAuto-Submitted: auto-generated\n"
              "Content-Type: text/plain; charset=utf-8\n\nline one\nline two\n");
}

TEST_F(Watch, GivenAWayThatFailsOrHangsWhenSoundedThenTheOthersAreTriedAndEachFailureIsNamed) {
    AlarmWays ways;
    ways.syslog = false;
    ways.within = 1s;
    ways.command = {write("hangs", "#!/bin/sh\nsleep 600\n", 0700)};
    ways.mail_to = {"spoc@example.gov"};
    ways.mail_from = "watch@example.gov";
    ways.sendmail = keeper("sendmail");
    const auto hung = sound(ways, {false, "s", "t"});
    ASSERT_FALSE(hung);
    EXPECT_NE(hung.error().message().find("did not end within 1 s"), std::string::npos) << hung.error().message();
    EXPECT_NE(content("sendmail.got"), "");
    ways.command = {write("fails", "#!/bin/sh\nexit 7\n", 0700)};
    ways.sendmail = path("absent");
    const auto failed = sound(ways, {false, "s", "t"});
    ASSERT_FALSE(failed);
    EXPECT_NE(failed.error().message().find("ended with 7"), std::string::npos) << failed.error().message();
    EXPECT_NE(failed.error().message().find("absent"), std::string::npos) << failed.error().message();
}

class Watching : public Watch {
protected:
    Watching() {
        configuration_.ori = "CA0300000";
        configuration_.head_key = path("log.pub");
        configuration_.state = path("state.json");
        const PublicKey key = key_.public_key();
        std::string pem = "-----BEGIN PUBLIC KEY-----\n";
        for (std::string_view rest = key.base64(); !rest.empty();
             rest.remove_prefix(std::min<std::size_t>(64, rest.size())))
            pem += std::string(rest.substr(0, 64)) + "\n";
        write("log.pub", pem + "-----END PUBLIC KEY-----\n");
    }
    // A new one each time, as a restarted program would be.
    Watcher watcher() {
        auto made = Watcher::create(
            configuration_, clock_,
            [this](WallTime now) {
                return Look{now, shown_, shown_};
            },
            [this](std::uint64_t from, std::uint64_t to) { return proves_->growth()(from, to); },
            [this](const Alarm& alarm) {
                alarms_.push_back(alarm);
                return can_tell_ ? Result<void>() : Result<void>(Error(Errc::io, "alarm: nobody there"));
            });
        if (!made) throw std::runtime_error(made.error().message());
        return std::move(*made);
    }
    void show(const testing::OwnLog& log) {
        shown_ = {std::nullopt, log.head(key_, clock_.now())};
        proves_ = &log;
    }

    testing::ManualClock clock_;
    SigningKey key_ = *SigningKey::generate();
    WatchConfiguration configuration_;
    testing::OwnLog log_;
    const testing::OwnLog* proves_ = &log_;
    HeadView shown_;
    std::vector<Alarm> alarms_;
    bool can_tell_ = true;
};

TEST_F(Watching, GivenARestartBetweenLooksWhenTheLogWasWrittenAnewThenItIsSeen) {
    show(log_.grow(9));
    EXPECT_TRUE(watcher().once().concerns.empty());
    testing::OwnLog other("false");
    show(other.grow(12, 3));
    const auto outcome = watcher().once();
    ASSERT_EQ(outcome.concerns.size(), 1U);
    EXPECT_EQ(outcome.concerns.front().kind, "head_forked");
    ASSERT_EQ(alarms_.size(), 1U);
    EXPECT_TRUE(alarms_.front().grave);
    EXPECT_NE(alarms_.front().subject.find("THE EVIDENCE LOG IS IN DOUBT: head_forked"), std::string::npos);
    show(log_.grow(20));
    EXPECT_EQ(watcher().once().concerns.size(), 1U) << "it stays until a person accepts";
}

TEST_F(Watching, GivenAPersonAcceptsWhenTheHeadIsSignedThenItIsBelievedAndThatIsTold) {
    show(log_.grow(9));
    EXPECT_TRUE(watcher().once().concerns.empty());
    testing::OwnLog restored("restored");
    show(restored.grow(4));
    EXPECT_EQ(watcher().once().concerns.front().kind, "head_shrunk");
    const auto accepted = watcher().accept("restored from the backup of Monday\n, incident 7");
    ASSERT_TRUE(accepted) << accepted.error().message();
    EXPECT_NE(alarms_.back().text.find("restored from the backup of Monday?, incident 7"), std::string::npos);
    EXPECT_TRUE(watcher().once().concerns.empty());
    shown_.checkpoint = testing::OwnLog().grow(4).head(*SigningKey::generate(), clock_.now());
    EXPECT_FALSE(watcher().accept("whatever")) << "of another key: never";
}

TEST_F(Watching, GivenADamagedMemoryWhenLookedThenThatIsGraveAndTheFileIsLeftAsItIs) {
    show(log_.grow(9));
    EXPECT_TRUE(watcher().once().concerns.empty());
    for (const std::string damaged :
         {"", "{", R"({"version":1,"began":"x","checkpoint":null,"heard":{},"raised":{}})", R"({"version":2})"}) {
        write("state.json", damaged);
        const auto outcome = watcher().once();
        ASSERT_FALSE(outcome.concerns.empty()) << damaged;
        EXPECT_EQ(outcome.concerns.back().kind, "memory_lost") << damaged;
        EXPECT_TRUE(outcome.trouble) << damaged;
        EXPECT_EQ(content("state.json"), damaged);
    }
}

TEST_F(Watching, GivenNobodyCanBeToldWhenAlarmedThenTheOutcomeSaysSo) {
    can_tell_ = false;
    show(log_.grow(9));
    EXPECT_FALSE(watcher().once().trouble) << "nothing to tell";
    clock_.advance(301s);
    const auto outcome = watcher().once();
    ASSERT_TRUE(outcome.trouble);
    EXPECT_EQ(outcome.trouble->message(), "alarm: nobody there");
}

TEST_F(Watching, GivenTextFromTheNetWhenItBecomesAnAlarmThenNothingInItIsALineOfItsOwn) {
    shown_ = {std::nullopt, "evil\nSubject: forged\n\n"};
    (void)watcher().once();
    ASSERT_EQ(alarms_.size(), 1U);
    EXPECT_EQ(alarms_.front().text.find("\nSubject:"), std::string::npos) << alarms_.front().text;
}

}  // namespace
}  // namespace sallyport::watch
