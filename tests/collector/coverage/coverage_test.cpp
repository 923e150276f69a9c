// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "collector/coverage/reading.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "collector/store/writer.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"
#include "tests/collector/coverage/generated_history.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::coverage {
namespace {

using namespace std::chrono_literals;
using testing::GeneratedHistory;
using testing::kSeconds;

const WallTime kBegin = *parse_time("2026-11-23T14:00:00.000Z");
WallTime at(int second) { return kBegin + std::chrono::seconds(second); }

// A stretch of the truth's array.
struct Part {
    int from = 0, to = 0;
    std::string value;
    bool operator==(const Part&) const = default;
};
void PrintTo(const Part& part, std::ostream* out) { *out << part.value << " " << part.from << "-" << part.to; }

class CoverageTest : public ::testing::Test {
protected:
    CoverageTest() : folder_(std::filesystem::temp_directory_path() / ("sallyport-" + random_id())) {
        std::filesystem::create_directories(folder_);
        writer_ = std::move(*store::Writer::open(folder_ / "store.db"));
        reader_.emplace(*writer_->reader());
    }
    ~CoverageTest() override {
        reader_.reset();
        writer_.reset();
        std::filesystem::remove_all(folder_);
    }

    static Result<store::StreamPosition> stream_of(Database& database, const std::string& terminal,
                                                   const std::string& instance) {
        auto known = store::find_stream(database, terminal, instance);
        if (!known)
            return known.error();
        return *known ? Result<store::StreamPosition>(**known)
                      : store::create_stream(database, "CA0010000", terminal, instance, {}, kBegin);
    }
    static Result<void> append(Database& database, const std::string& terminal, const std::string& instance,
                               const std::string& type, WallTime time, const std::string& line, bool withheld = false) {
        auto stream = stream_of(database, terminal, instance);
        auto appender = store::EventAppender::open(database);
        if (!stream || !appender)
            return stream ? appender.error() : stream.error();
        store::NewEvent event{type, time, leaf_of(line), line, std::nullopt};
        if (withheld) {
            event.line.reset();
            event.withheld_reason = "evicted";
        }
        return appender->append(*stream, std::nullopt, {event}, at(kSeconds));
    }
    static std::string text_of_line(const std::string& type, WallTime time, const Record& body) {
        return write_json(Record{{"type", type}, {"observed_at", format_time(time)}, {"body", body}});
    }
    static Result<void> notice(Database& database, const std::string& type, WallTime time, WallTime told, const Record& body) {
        return append(database, "collector", std::string(32, 'c'), type, time, text_of_line(type, told, body));
    }

    // All of it as intake and registers would have stored it.
    void put(const std::string& terminal, const GeneratedHistory& history) {
        const auto done = writer_->run([&](Database& database) -> Result<void> {
            for (const auto& line : history.lines)
                if (auto stored = append(database, terminal, line.instance, line.type, at(line.at),
                                         text_of_line(line.type, at(line.at), line.body), line.withheld);
                    !stored)
                    return stored;
            for (const auto& heard : history.notices)
                if (auto stored = notice(database, "server.liveness", at(heard.last_seen), at(heard.last_seen + 200),
                                         {{"terminal", terminal}, {"state", heard.state},
                                          {"last_seen_at", format_time(at(heard.last_seen))}});
                    !stored)
                    return stored;
            for (const auto& gap : history.gaps)
                if (auto stored = notice(database, "server.gap", at(gap.told_at), at(gap.told_at),
                                         {{"terminal", terminal}, {"instance", gap.instance},
                                          {"first_seq", gap.first_seq}, {"last_seq", gap.last_seq}});
                    !stored)
                    return stored;
            return set_registers(database, terminal, history);
        });
        ASSERT_TRUE(done) << done.error().message();
    }
    static Result<void> set_registers(Database& database, const std::string& terminal, const GeneratedHistory& history) {
        const bool forbidden = history.policy.front().second == "forbidden";
        if (auto done = record(database, "rooms", "R-" + terminal, kBegin - 24h,
                               {{"camera_permitted", !forbidden}, {"room_type", forbidden ? "locker_room" : "office"}});
            !done)
            return done;
        for (const auto& [from, policy] : history.policy)
            if (auto done = record(database, "terminals", terminal, from == 0 ? kBegin - 24h : at(from),
                                   {{"room_id", "R-" + terminal}, {"camera_enabled", policy != "off_by_policy"}});
                !done)
                return done;
        return store::save_liveness(database, {terminal, "CA0010000", history.alive ? "alive" : "offline",
                                               history.last_seen == 0 ? std::nullopt : std::optional(at(history.last_seen)),
                                               kBegin, {}});
    }
    static Result<void> record(Database& database, const std::string& name, const std::string& id, WallTime from, Record data) {
        store::RegisterEntry entry;
        entry.ori = "CA0010000";
        entry.register_name = name;
        entry.id = id;
        entry.valid_from = entry.recorded_at = from;
        entry.changed_by = entry.change_reason = "test";
        entry.data = std::move(data);
        return store::record_entry(database, entry);
    }

    Result<Coverage> coverage(const std::string& terminal, int from, int to) {
        return read_coverage(*reader_, terminal, {at(from), at(to)}, at(kSeconds));
    }

    std::unique_ptr<store::Writer> writer_;
    std::optional<Database> reader_;

private:
    std::filesystem::path folder_;
};

// --- the truth, cut to the span --------------------------------------------------------------------------------------

std::vector<Part> parts_of(const std::vector<std::string>& truth, const std::vector<std::string>* while_monitored, int from,
                           int to) {
    std::vector<Part> parts;
    for (int second = from; second < to; ++second) {
        const auto index = static_cast<std::size_t>(second);
        if (while_monitored != nullptr && (*while_monitored)[index] != "monitored")
            continue;
        if (!parts.empty() && parts.back().to == second && parts.back().value == truth[index])
            ++parts.back().to;
        else
            parts.push_back({second, second + 1, truth[index]});
    }
    return parts;
}

std::uint64_t true_missing(const GeneratedHistory& history, int from, int to) {
    std::uint64_t count = 0;
    for (const auto& hole : history.holes)
        if (hole.after < to && hole.before > from)
            count += hole.count;
    return count;
}

int second_of(WallTime time) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(time - kBegin).count());
}

template <class Stretches, class Name>
std::vector<Part> parts_said(const Stretches& stretches, Name name) {
    std::vector<Part> parts;
    for (const auto& stretch : stretches)
        parts.push_back({second_of(stretch.span.from), second_of(stretch.span.to), std::string(name(stretch))});
    return parts;
}

std::string sentence_for_one_state(const std::string& state, std::uint64_t missing) {
    return state + (missing > 0             ? ", " + std::to_string(missing) + " missing"
                    : state == "monitored" ? ", nothing missing"
                                           : "");
}

TEST_F(CoverageTest, GivenAHundredGeneratedHistoriesWhenAskedThenTheStatementIsTheTruth) {
    std::map<std::string, int> met;  // so that a generator that has become dull is seen
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        const GeneratedHistory history = testing::generate(seed);
        const std::string terminal = "T-" + std::to_string(seed);
        put(terminal, history);
        std::mt19937 random(seed);
        for (int question = 0; question < 10; ++question) {
            const int from = std::uniform_int_distribution<int>(0, kSeconds - 3700)(random);
            const int to = question == 0 ? kSeconds : from + 3600;
            const auto said = coverage(terminal, from, to);
            ASSERT_TRUE(said) << said.error().message();
            const std::string place = terminal + " " + std::to_string(from) + "-" + std::to_string(to);
            const auto states = parts_of(history.state, nullptr, from, to);
            EXPECT_EQ(parts_said(said->stretches, [](const Stretch& one) { return to_string(one.state); }), states) << place;
            EXPECT_EQ(said->missing_count(), true_missing(history, from, to)) << place;
            EXPECT_EQ(parts_said(said->camera, [](const CameraStretch& one) { return one.state; }),
                      parts_of(history.camera, &history.state, from, to))
                << place;
            auto degraded = parts_of(history.usb, &history.state, from, to);
            std::erase_if(degraded, [](const Part& part) { return part.value == "ok"; });
            EXPECT_EQ(parts_said(said->impaired, [](const Impaired& one) { return one.state; }), degraded) << place;
            if (states.size() == 1 && !said->chain_unproven) {
                const std::string expected = sentence_for_one_state(states[0].value, true_missing(history, from, to));
                EXPECT_EQ(sentence_of(*said).substr(0, expected.size()), expected) << place;
            }
            for (const Part& part : states)
                ++met[part.value];
            for (const CameraStretch& part : said->camera)
                ++met["camera " + part.state];
            met["missing"] += said->missing_count() > 0 ? 1 : 0;
            if (HasFailure())
                return;
        }
    }
    for (const char* kind : {"never heard of", "monitored", "off", "asleep", "agent stopped", "silent", "camera on",
                             "camera covered", "camera off_by_policy", "camera forbidden", "missing"})
        EXPECT_GE(met[kind], 10) << kind;
}

TEST_F(CoverageTest, GivenAnHourAtWorkWhenAskedThenOneSentenceSaysIt) {
    GeneratedHistory history;
    history.policy = {{0, "off_by_policy"}};
    history.lines = {{std::string(32, 'a'), 1, "agent.start", 0, {}, false}, {std::string(32, 'a'), 2, "usb.detach", 5000, {}, false}};
    put("T-1", history);
    const auto said = coverage("T-1", 600, 4200);
    ASSERT_TRUE(said) << said.error().message();
    EXPECT_EQ(sentence_of(*said), "monitored, nothing missing; camera off by policy");
}

TEST_F(CoverageTest, GivenAChainThatNamesNoOtherWhenItBeginsInTheSpanThenTheStatementSaysSo) {
    GeneratedHistory history;
    history.policy = {{0, "off_by_policy"}};
    history.lines = {{std::string(32, 'a'), 1, "agent.start", 0, {}, false},
                     {std::string(32, 'a'), 2, "device.shutdown", 900, {{"reason", "user"}}, false},
                     {std::string(32, 'b'), 1, "agent.start", 1800, {{"previous_instance", "unknown"}}, false},
                     {std::string(32, 'b'), 2, "usb.detach", 5000, {}, false}};
    put("T-1", history);
    const auto said = coverage("T-1", 0, 3600);
    ASSERT_TRUE(said) << said.error().message();
    EXPECT_EQ(sentence_of(*said),
              "monitored 45 min, off 15 min, perhaps some missing before a new chain; camera off by policy");
    EXPECT_FALSE(coverage("T-1", 2000, 3600)->chain_unproven);
}

TEST_F(CoverageTest, GivenASensorThatMissedSomethingWhenAskedThenItsNumberIsTold) {
    GeneratedHistory history;
    history.policy = {{0, "off_by_policy"}};
    history.lines = {{std::string(32, 'a'), 1, "agent.start", 0, {}, false},
                     {std::string(32, 'a'), 2, "agent.gap", 900, {{"sensor", "usb"}, {"reason", "overrun"}, {"missed", 4}}, false},
                     {std::string(32, 'a'), 3, "usb.detach", 5000, {}, false}};
    put("T-1", history);
    EXPECT_EQ(sentence_of(*coverage("T-1", 0, 3600)), "monitored, nothing missing; usb missed 4; camera off by policy");
}

TEST_F(CoverageTest, GivenASpanThatIsNoneOrATerminalThatIsNoneWhenAskedThenTheErrorSaysWhich) {
    EXPECT_EQ(coverage("T-9", 0, 100).error().code(), Errc::not_found);
    EXPECT_EQ(coverage("T-9", 100, 100).error().code(), Errc::bad_input);
    EXPECT_EQ(coverage("T-9", kSeconds, kSeconds + 10).error().code(), Errc::bad_input);
}

}  // namespace
}  // namespace sallyport::coverage
