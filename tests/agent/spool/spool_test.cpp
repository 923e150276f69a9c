// SPDX-License-Identifier: Apache-2.0
#include "agent/spool/spool.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "protocol/batch.hpp"
#include "protocol/chain.hpp"
#include "tests/support/event_factory.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::agent {
namespace {

class SpoolFolder : public ::testing::Test {
protected:
    SpoolFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sallyport-spool-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~SpoolFolder() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<Spool> open(SpoolLimits limits = {}) {
        auto spool = Spool::open(file(), "T-1", key_.public_key(), clock_, limits);
        EXPECT_TRUE(spool) << spool.error().message();
        return spool ? std::move(*spool) : nullptr;
    }
    static Result<SpoolPosition> add(Spool& spool, std::string_view type = "usb.attach") {
        return spool.append(type, [&](std::uint64_t seq) {
            return encode_event(testing::usb_attach(spool.terminal(), spool.instance(), seq));
        });
    }
    static void fill(Spool& spool, int count, std::string_view type = "usb.attach") {
        for (int i = 0; i < count; ++i) {
            auto added = add(spool, type);
            ASSERT_TRUE(added) << added.error().message();
        }
    }
    // Every line from the first retained on leads, leaf by leaf, to the spool's own head.
    static void expect_whole(const Spool& spool) {
        std::uint64_t seq = spool.first_retained();
        auto head = spool.head_at(seq - 1);
        ASSERT_TRUE(head);
        while (seq <= spool.last().seq) {
            auto slice = spool.read(seq, 200, 128 * 1024);
            ASSERT_TRUE(slice) << slice.error().message();
            ASSERT_EQ(slice->previous, *head);
            ASSERT_FALSE(slice->lines.empty());
            for (const std::string& line : slice->lines)
                *head = chain_link(*head, *line_leaf(line));
            seq += slice->lines.size();
        }
        EXPECT_EQ(*head, spool.last().head);
    }
    [[nodiscard]] std::filesystem::path file() const { return folder_ / "spool.db"; }

    std::filesystem::path folder_;
    SigningKey key_ = *SigningKey::generate();
    testing::ManualClock clock_;
};

TEST_F(SpoolFolder, GivenNothingWhenOpenedThenItStartsAtTheGenesisWithAnUnknownPredecessor) {
    auto spool = open();
    EXPECT_EQ(spool->instance().size(), 32U);
    EXPECT_EQ(spool->last().seq, 0U);
    EXPECT_EQ(*spool->head_at(0), chain_genesis("T-1", spool->instance(), key_.public_key()));
    EXPECT_EQ(spool->last().head, *spool->head_at(0));
    ASSERT_TRUE(spool->predecessor());
    EXPECT_EQ(spool->predecessor()->instance, "unknown");
    EXPECT_TRUE(spool->read(1, 10, 1000)->lines.empty());
}

TEST_F(SpoolFolder, GivenLinesWhenReopenedThenInstanceNumbersAndChainGoOn) {
    auto spool = open();
    const std::string instance = spool->instance();
    fill(*spool, 5);
    const SpoolPosition before = spool->last();
    spool.reset();
    spool = open();
    EXPECT_EQ(spool->instance(), instance);
    EXPECT_EQ(spool->last().seq, 5U);
    EXPECT_EQ(spool->last().head, before.head);
    EXPECT_FALSE(spool->predecessor());
    fill(*spool, 5);
    EXPECT_EQ(spool->last().seq, 10U);
    expect_whole(*spool);
}

TEST_F(SpoolFolder, GivenAWriterThatIsKilledAtAnyPointWhenReopenedThenEveryAcceptedLineIsThere) {
    for (int round = 0; round < 8; ++round) {
        int channel[2];
        ASSERT_EQ(::pipe(channel), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            auto spool = Spool::open(file(), "T-1", key_.public_key(), clock_);
            while (spool) {
                auto added = add(**spool);
                if (!added || ::write(channel[1], &added->seq, sizeof added->seq) < 0)
                    break;
            }
            ::_exit(1);
        }
        ::close(channel[1]);
        std::uint64_t seq = 0;
        const int wanted = 1 + (round * 37) % 90;
        for (int i = 0; i < wanted; ++i)
            ASSERT_EQ(::read(channel[0], &seq, sizeof seq), static_cast<long>(sizeof seq));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        std::uint64_t accepted = seq;
        while (::read(channel[0], &seq, sizeof seq) == static_cast<long>(sizeof seq))
            accepted = seq;
        ::close(channel[0]);
        auto spool = open();
        ASSERT_NE(spool, nullptr);
        EXPECT_GE(spool->last().seq, accepted);
        EXPECT_LE(spool->last().seq, accepted + 1);  // the one whose commit was done, but not told
        expect_whole(*spool);
    }
}

TEST_F(SpoolFolder, GivenAnAcknowledgementWhenItsHeadIsNotOursThenNothingIsGivenUp) {
    auto spool = open();
    fill(*spool, 10);
    Digest other = *spool->head_at(6);
    other[0] ^= 1;
    auto refused = spool->acknowledge(6, other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::conflict);
    EXPECT_EQ(spool->depth(), 10U);
    EXPECT_EQ(spool->acknowledge(11, spool->last().head).error().code(), Errc::conflict);

    ASSERT_TRUE(spool->acknowledge(6, *spool->head_at(6)));
    EXPECT_EQ(spool->depth(), 4U);
    EXPECT_EQ(spool->acknowledged(), 6U);
    // A repeated older one changes nothing.
    ASSERT_TRUE(spool->acknowledge(3, *spool->head_at(3)));
    EXPECT_EQ(spool->acknowledged(), 6U);
    spool.reset();
    EXPECT_EQ(open()->acknowledged(), 6U);
}

TEST_F(SpoolFolder, GivenAcknowledgedLinesWhen48HoursAreOverThenTheyAreRemovedAndNotBefore) {
    auto spool = open();
    fill(*spool, 10);
    ASSERT_TRUE(spool->acknowledge(8, *spool->head_at(8)));
    EXPECT_EQ(spool->read(1, 3, 100'000)->lines.size(), 3U);  // rewind works
    clock_.advance(std::chrono::hours(47));
    ASSERT_TRUE(spool->acknowledge(9, *spool->head_at(9)));
    EXPECT_EQ(spool->first_retained(), 1U);
    clock_.advance(std::chrono::hours(2));
    ASSERT_TRUE(spool->acknowledge(10, *spool->head_at(10)));
    EXPECT_EQ(spool->first_retained(), 9U);
    EXPECT_EQ(spool->read(8, 1, 1000).error().code(), Errc::not_found);
    expect_whole(*spool);
    spool.reset();
    spool = open();
    EXPECT_EQ(spool->first_retained(), 9U);
    expect_whole(*spool);
}

TEST_F(SpoolFolder, GivenTheClockJumpsAYearAheadAndBackThenNothingLeavesThatWasNotAcknowledged) {
    auto spool = open();
    fill(*spool, 10);
    ASSERT_TRUE(spool->acknowledge(5, *spool->head_at(5)));
    for (const auto step : {std::chrono::hours(24 * 365), std::chrono::hours(-24 * 730)}) {
        clock_.advance(step);
        fill(*spool, 1);
        ASSERT_TRUE(spool->acknowledge(6, *spool->head_at(6)));
        EXPECT_LE(spool->first_retained(), 7U);
        expect_whole(*spool);
    }
    EXPECT_EQ(spool->depth(), 6U);
    EXPECT_EQ(spool->dropped(), 0U);
}

TEST_F(SpoolFolder, GivenTooManyLinesWhenAppendingThenTheOldestOfLowestPriorityBecomeTombstones) {
    auto spool = open({.lines_max = 10});
    fill(*spool, 4, "agent.sensor");     // vital
    fill(*spool, 6, "camera.presence");  // sample
    EXPECT_EQ(spool->dropped(), 0U);
    fill(*spool, 3, "agent.sensor");
    EXPECT_EQ(spool->last().seq, 13U);
    EXPECT_EQ(spool->dropped(), 3U);
    EXPECT_EQ(spool->pressure(), QueuePressure::overflow);
    expect_whole(*spool);
    auto slice = spool->read(1, 100, 1'000'000);
    for (std::uint64_t seq = 1; seq <= 13; ++seq) {
        const auto tombstone = decode_tombstone(slice->lines[seq - 1]);
        EXPECT_EQ(tombstone.has_value(), seq >= 5 && seq <= 7) << seq;
        if (tombstone) {
            EXPECT_EQ(tombstone->seq, seq);
            EXPECT_EQ(tombstone->type, "camera.presence");
            EXPECT_EQ(tombstone->reason, "evicted");
        }
    }
    // Nothing left that counts less than a sample: what arrives gives way itself, and is counted.
    fill(*spool, 3, "agent.sensor");
    const std::uint64_t before = spool->dropped();
    fill(*spool, 1, "camera.presence");
    EXPECT_EQ(spool->dropped(), before + 1);
    EXPECT_TRUE(decode_tombstone(spool->read(spool->last().seq, 1, 10'000)->lines[0]));
    expect_whole(*spool);
    spool.reset();
    spool = open({.lines_max = 10});
    EXPECT_EQ(spool->dropped(), before + 1);
    expect_whole(*spool);
    // Drained: all acknowledged.
    ASSERT_TRUE(spool->acknowledge(spool->last().seq, spool->last().head));
    EXPECT_EQ(spool->pressure(), QueuePressure::calm);
}

TEST_F(SpoolFolder, GivenAFileThatMayNotGrowWhenAppendingThenContentGivesWayAndTheChainStaysWhole) {
    SpoolLimits limits{.bytes_max = 512 * 1024};
    auto spool = open(limits);
    fill(*spool, 2500);
    EXPECT_EQ(spool->last().seq, 2500U);
    EXPECT_GT(spool->dropped(), 500U);
    EXPECT_LE(std::filesystem::file_size(file()), limits.bytes_max);
    expect_whole(*spool);
    fill(*spool, 1, "agent.queue");  // the reserve is there for it
    EXPECT_FALSE(decode_tombstone(spool->read(spool->last().seq, 1, 10'000)->lines[0]));
    spool.reset();
    spool = open(limits);
    expect_whole(*spool);
}

TEST_F(SpoolFolder, GivenADiskThatIsFullWhenAppendingThenItIsAnErrorAndNothingIsHalfWritten) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{600 * 1024, 600 * 1024};
        auto spool = Spool::open(file(), "T-1", key_.public_key(), clock_);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        int failed = 0;
        for (int i = 0; i < 3000 && failed < 20; ++i)
            failed += add(**spool) ? 0 : 1;
        ::_exit(failed > 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    auto spool = open();
    ASSERT_NE(spool, nullptr);
    EXPECT_GT(spool->last().seq, 300U);
    expect_whole(*spool);
    fill(*spool, 3);
}

TEST_F(SpoolFolder, GivenATornFileWhenOpenedThenItIsRefusedAndReplacedByAnInstanceThatNamesTheOldOne) {
    auto spool = open();
    fill(*spool, 600);
    const std::string old = spool->instance();
    const SpoolPosition end = spool->last();
    spool.reset();
    std::filesystem::resize_file(file(), std::filesystem::file_size(file()) - 3 * 4096);

    auto refused = Spool::open(file(), "T-1", key_.public_key(), clock_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::corrupt) << refused.error().message();
    EXPECT_NE(refused.error().message().find(file().string()), std::string::npos);

    auto opened = Spool::open_or_replace(file(), "T-1", key_.public_key(), clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_TRUE(opened->replaced);
    EXPECT_NE(opened->spool->instance(), old);
    ASSERT_TRUE(opened->spool->predecessor());
    const Predecessor before = *opened->spool->predecessor();
    EXPECT_TRUE(before.instance == old || before.instance == "unknown") << before.instance;
    EXPECT_LE(before.last.value_or(SpoolPosition()).seq, end.seq);
    EXPECT_NE(opened->replaced->message().find("it is kept as"), std::string::npos);
}

TEST_F(SpoolFolder, GivenGarbageInsteadOfADatabaseWhenOpenedThenThePredecessorIsUnknown) {
    std::ofstream(file()) << std::string(8192, 'x');
    auto opened = Spool::open_or_replace(file(), "T-1", key_.public_key(), clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_TRUE(opened->replaced);
    EXPECT_EQ(opened->spool->predecessor()->instance, "unknown");
}

TEST_F(SpoolFolder, GivenALineThatWasAlteredWhenOpenedThenTheChainBreaksThere) {
    auto spool = open();
    fill(*spool, 3);
    spool.reset();
    const std::string command = "sqlite3 '" + file().string() + "' \"UPDATE line SET line = line || ' ' WHERE seq = 2\"";
    if (std::system(("command -v sqlite3 >/dev/null && " + command).c_str()) != 0)
        GTEST_SKIP() << "SKIPPED: no sqlite3 command";
    auto refused = Spool::open(file(), "T-1", key_.public_key(), clock_);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("the chain breaks at seq 2"), std::string::npos) << refused.error().message();
}

TEST_F(SpoolFolder, GivenAnotherTerminalsSpoolWhenOpenedThenItIsRefusedAndLeftAlone) {
    open();
    auto other = Spool::open_or_replace(file(), "T-2", key_.public_key(), clock_);
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), Errc::conflict);
}

TEST_F(SpoolFolder, GivenANewEnrolledKeyWhenOpenedThenANewInstanceNamesTheOldOne) {
    auto spool = open();
    fill(*spool, 2);
    const std::string old = spool->instance();
    const Digest head = spool->last().head;
    spool.reset();
    const SigningKey renewed = *SigningKey::generate();
    auto opened = Spool::open_or_replace(file(), "T-1", renewed.public_key(), clock_);
    ASSERT_TRUE(opened) << opened.error().message();
    ASSERT_TRUE(opened->replaced);
    EXPECT_EQ(opened->spool->predecessor()->instance, old);
    EXPECT_EQ(opened->spool->predecessor()->last->seq, 2U);
    EXPECT_EQ(opened->spool->predecessor()->last->head, head);
}

}  // namespace
}  // namespace sallyport::agent
