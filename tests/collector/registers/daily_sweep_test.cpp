// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/daily_sweep.hpp"

#include <gmock/gmock.h>

#include <set>

#include "collector/store/event_log.hpp"
#include "protocol/chain.hpp"
#include "tests/collector/registers/store_fixture.hpp"
#include "tests/support/event_factory.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::registers {
namespace {

using sallyport::testing::at;

const WallTime kBefore = at("2026-01-05T00:00:00.000Z");

// The operator whose sessions and prints are told.
Result<void> record_ann(Database& database) {
    store::RegisterEntry entry;
    entry.ori = "CA0010000";
    entry.register_name = "operators";
    entry.id = "OP-1";
    entry.valid_from = entry.recorded_at = kBefore;
    entry.changed_by = entry.change_reason = "test";
    entry.data = {{"os_accounts", List{"ann"}}, {"access_from", "2026-01-01"}};
    return store::record_entry(database, entry);
}

class Sweeping : public sallyport::testing::StoreFixture {
protected:
    Sweeping() {
        writer_ = *store::Writer::open(folder() / "log.db");
        must([](Database& database) -> Result<void> {
            for (int i = 0; i < 450; ++i) {
                store::RegisterEntry entry;
                entry.ori = "CA0010000";
                entry.register_name = "media";
                entry.id = "M" + std::to_string(1000 + i);
                entry.valid_from = entry.recorded_at = kBefore;
                entry.changed_by = entry.change_reason = "test";
                entry.data = {{"kind", "usb_storage"}, {"status", "issued"}, {"valid_to", "2026-12-31"}};
                if (auto done = store::record_entry(database, entry); !done)
                    return done;
            }
            return {};
        });
        clock_.set(at("2026-11-23T13:59:59.000Z"));
        restart();
    }

    void must(const store::Writer::Job& job) {
        const auto done = writer_->run(job);
        ASSERT_TRUE(done) << done.error().message();
    }
    void restart() {
        sweep_ = *DailySweep::open(*writer_, clock_,
                                   [this](const std::vector<SweepLine>& lines, WallTime occurred_at, const store::Writer::Job& with) {
                                       if (slices_left_ == 0)
                                           return Result<void>(Error(Errc::unavailable, "the store fails"));
                                       --slices_left_;
                                       auto done = writer_->run(with);
                                       if (done) {
                                           told_.insert(told_.end(), lines.begin(), lines.end());
                                           times_.push_back(occurred_at);
                                       }
                                       return done;
                                   });
    }
    [[nodiscard]] std::vector<std::string> ids() const {
        std::vector<std::string> found;
        for (const SweepLine& line : told_)
            found.push_back(line.type + " " + std::string(text_of(line.body, "media_id")));
        return found;
    }

    std::unique_ptr<store::Writer> writer_;
    sallyport::testing::ManualClock clock_;
    std::unique_ptr<DailySweep> sweep_;
    std::vector<SweepLine> told_;
    std::vector<WallTime> times_;
    int slices_left_ = 1000;
};

TEST_F(Sweeping, GivenTheSecondBeforeSixThenNothingAndAtSixEveryEntryOnce) {
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_TRUE(told_.empty());
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 451u);
    EXPECT_EQ(told_.back().type, "sweep.done");
    EXPECT_EQ(integer_of(told_.back().body, "lines"), 450);
    clock_.set(at("2026-11-24T07:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 451u);
    clock_.set(at("2026-11-24T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 902u);
    EXPECT_EQ(text_of(told_.back().body, "day"), "2026-11-24");
}

TEST_F(Sweeping, GivenSixOClockInSummerThenTheCountysClockDecides) {
    clock_.set(at("2026-07-06T12:59:59.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_TRUE(told_.empty());
    clock_.set(at("2026-07-06T13:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 451u);
}

TEST_F(Sweeping, GivenARestartOnTheSameDayThenNothingIsToldAgain) {
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    restart();
    clock_.set(at("2026-11-23T20:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 451u);
}

TEST_F(Sweeping, GivenAKillInTheMiddleThenTheRestIsToldForTheSameMomentThoughTheRegistersChanged) {
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    slices_left_ = 1;
    EXPECT_FALSE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 200u);
    clock_.set(at("2026-11-23T15:00:00.000Z"));
    must([](Database& database) {
        store::RegisterEntry entry;
        entry.ori = "CA0010000";
        entry.register_name = "media";
        entry.id = "M0001";  // would stand before the others
        entry.valid_from = entry.recorded_at = at("2026-11-23T14:30:00.000Z");
        entry.changed_by = entry.change_reason = "test";
        return store::record_entry(database, entry);
    });
    slices_left_ = 1000;
    restart();
    ASSERT_TRUE(sweep_->run_due());
    auto all = ids();
    EXPECT_EQ(all.size(), 451u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end() - 1));
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 451u);
    EXPECT_THAT(times_, ::testing::Each(at("2026-11-23T14:00:00.000Z")));
}

TEST_F(Sweeping, GivenAStoreThatFailedThenTheNextLookGoesOn) {
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    slices_left_ = 2;
    EXPECT_FALSE(sweep_->run_due());
    slices_left_ = 1000;
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 451u);
}

TEST_F(Sweeping, GivenACollectorThatWasDownForDaysThenOneMorningIsToldWhenItIsBack) {
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    restart();
    clock_.set(at("2026-11-27T22:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(told_.size(), 902u);
    EXPECT_EQ(times_.back(), at("2026-11-27T22:00:00.000Z"));
}

// OPR-11: the last session of a person is remembered from morning to morning; a failed attempt is none.
TEST_F(Sweeping, GivenSessionsThenTheyAreCountedForTheirOperatorOnce) {
    must([](Database& database) -> Result<void> {
        if (auto done = record_ann(database); !done)
            return done;
        auto stream = store::create_stream(database, "CA0010000", "T1", std::string(32, '2'), Digest{}, kBefore);
        auto appender = store::EventAppender::open(database);
        std::vector<store::NewEvent> events;
        const auto session = [&](std::string_view time, EventOutcome outcome) {
            Event event = sallyport::testing::event("session.unlock", "T1", std::string(32, '2'), events.size() + 1,
                                                    {{"cause", "user"}}, at(time));
            event.operator_account = "ann";
            event.outcome = outcome;
            auto line = encode_event(event);
            events.push_back({event.type, at(time), leaf_of(*line), *line, std::nullopt});
        };
        session("2026-11-19T18:00:00.000Z", EventOutcome::success);
        session("2026-11-18T18:00:00.000Z", EventOutcome::success);
        session("2026-11-22T18:00:00.000Z", EventOutcome::failure);
        return appender->append(*stream, std::nullopt, events, at("2026-11-22T18:00:00.000Z"));
    });
    const auto age = [&] {
        for (auto line = told_.rbegin(); line != told_.rend(); ++line)
            if (line->type == "sweep.operator")
                return integer_of(line->body, "unused_age", -1);
        return std::int64_t{-2};
    };
    clock_.set(at("2026-11-23T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(age(), 4);
    restart();
    clock_.set(at("2026-11-24T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(age(), 5);
}

// PRN-04: pages are counted by person and day of the county, each job once, though the sweep is killed between.
TEST_F(Sweeping, GivenPrintsThenTheirPagesAreCountedOnceForTheDayBefore) {
    must([](Database& database) -> Result<void> {
        if (auto done = record_ann(database); !done)
            return done;
        auto stream = store::create_stream(database, "CA0010000", "T1", std::string(32, '2'), Digest{}, kBefore);
        auto appender = store::EventAppender::open(database);
        std::vector<store::NewEvent> events;
        const auto job = [&](WallTime time, std::string_view state, std::int64_t pages) {
            Event event = sallyport::testing::event("print.job", "T1", std::string(32, '2'), events.size() + 1,
                                                    {{"job_id", "7"}, {"printer_hash", std::string(64, 'a')},
                                                     {"printer_kind", "network"}, {"pages", pages}, {"state", state}},
                                                    time);
            event.operator_account = "ann";
            auto line = encode_event(event);
            events.push_back({event.type, time, leaf_of(*line), *line, std::nullopt});
        };
        for (int day = 14; day > 0; --day)  // from Monday the 9th on
            job(at("2026-11-23T18:00:00.000Z") - std::chrono::days(day), "completed", 10);
        job(at("2026-11-24T07:30:00.000Z"), "submitted", 31);
        job(at("2026-11-24T07:59:00.000Z"), "completed", 31);
        job(at("2026-11-24T08:01:00.000Z"), "completed", 5);
        return appender->append(*stream, std::nullopt, events, at("2026-11-24T08:02:00.000Z"));
    });
    const auto told = [&](std::string_view day) {
        for (const SweepLine& line : told_)
            if (line.type == "sweep.operator" && text_of(line.body, "day") == day)
                return line.body;
        return Record();
    };
    clock_.set(at("2026-11-24T14:00:00.000Z"));
    slices_left_ = 1;
    EXPECT_FALSE(sweep_->run_due());
    slices_left_ = 1000;
    restart();
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(integer_of(told("2026-11-24"), "printed_pages"), 31);
    EXPECT_EQ(*told("2026-11-24").find("printed_times_usual"), Value(3.1));
    restart();
    clock_.set(at("2026-11-25T14:00:00.000Z"));
    ASSERT_TRUE(sweep_->run_due());
    EXPECT_EQ(integer_of(told("2026-11-25"), "printed_pages"), 5);
    for (const auto* day : {"2027-03-01", "2027-03-02"}) {
        clock_.set(at(std::string(day) + "T15:00:00.000Z"));
        ASSERT_TRUE(sweep_->run_due());
    }
    EXPECT_FALSE(told("2027-03-02").contains("printed_pages")) << "forgotten after 90 days";
}

}  // namespace
}  // namespace sallyport::registers
