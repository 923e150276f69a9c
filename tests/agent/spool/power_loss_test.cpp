// SPDX-License-Identifier: Apache-2.0
//
// The power goes at each write and each sync in turn; what was accepted before must be there, whole, after it.
#include <gtest/gtest.h>

#include "agent/spool/spool.hpp"
#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/batch.hpp"
#include "protocol/chain.hpp"
#include "tests/support/event_factory.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/power_loss_disk.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::agent {
namespace {

struct Accepted {
    std::string instance;          // empty: the spool never opened
    std::vector<Digest> heads;     // heads[n]: after seq n
    std::uint64_t acknowledged = 0;
};

class SpoolPowerLoss : public ::testing::Test {
protected:
    Result<std::unique_ptr<Spool>> open(const std::filesystem::path& folder, SpoolLimits limits) {
        return Spool::open(folder / "spool.db", "T-1", key_.public_key(), clock_, limits);
    }

    // Appends and acknowledges until it is done or the power is gone; what it was told had been done.
    Accepted work(const std::filesystem::path& folder, SpoolLimits limits) {
        Accepted accepted;
        auto spool = open(folder, limits);
        if (!spool)
            return accepted;
        accepted.instance = (*spool)->instance();
        accepted.heads.push_back(*(*spool)->head_at(0));
        for (int line = 1; line <= 16; ++line) {
            auto added = (*spool)->append(line % 3 == 0 ? "session.idle" : "usb.attach", [&](std::uint64_t seq) {
                return encode_event(testing::usb_attach("T-1", accepted.instance, seq));
            });
            if (!added)
                return accepted;
            accepted.heads.push_back(added->head);
            if (line % 8 != 0)
                continue;
            const std::uint64_t until = added->seq - 4;
            if (!(*spool)->acknowledge(until, accepted.heads[until]))
                return accepted;
            accepted.acknowledged = until;
        }
        return accepted;
    }

    void expect_kept(const std::filesystem::path& folder, SpoolLimits limits, const Accepted& accepted) {
        auto spool = open(folder, limits);
        ASSERT_TRUE(spool) << spool.error().message();
        if (accepted.instance.empty())
            return;
        ASSERT_EQ((*spool)->instance(), accepted.instance);
        // The one whose commit was under way may be there as well.
        const std::uint64_t last = accepted.heads.size() - 1;
        ASSERT_GE((*spool)->last().seq, last);
        ASSERT_LE((*spool)->last().seq, last + 1);
        ASSERT_EQ(*(*spool)->head_at(last), accepted.heads[last]);
        ASSERT_GE((*spool)->acknowledged(), accepted.acknowledged);
        Digest head = *(*spool)->head_at((*spool)->first_retained() - 1);
        auto slice = (*spool)->read((*spool)->first_retained(), 100, 1 << 20);
        ASSERT_TRUE(slice) << slice.error().message();
        for (const std::string& line : slice->lines)
            head = chain_link(head, *line_leaf(line));
        ASSERT_EQ(head, (*spool)->last().head);
        auto next = (*spool)->append("usb.attach", [&](std::uint64_t seq) {
            return encode_event(testing::usb_attach("T-1", accepted.instance, seq));
        });
        ASSERT_TRUE(next) << next.error().message();
    }

    // The whole work with the power cut at each operation in turn; how many there were.
    void cut_everywhere(SpoolLimits limits) {
        std::uint64_t operations = 0;
        for (std::uint64_t cut = 1; operations == 0; ++cut) {
            const testing::TemporaryFolder before, after;
            Accepted accepted;
            {
                testing::PowerLossDisk disk(static_cast<std::uint32_t>(cut));
                disk.cut_at(cut);
                accepted = work(before.path(), limits);
                if (!disk.dark())
                    operations = disk.operations();
                disk.leave_in(after.path());
            }
            expect_kept(after.path(), limits, accepted);
            ASSERT_FALSE(HasFatalFailure()) << "power cut at operation " << cut;
        }
        EXPECT_GT(operations, 50U);
    }

    SigningKey key_ = *SigningKey::generate();
    testing::ManualClock clock_;
};

TEST_F(SpoolPowerLoss, GivenThePowerGoesAtAnyWriteOrSyncThenEveryAcceptedLineIsThereAndTheChainIsWhole) {
    cut_everywhere({});
}

TEST_F(SpoolPowerLoss, GivenASpoolThatIsFullWhenThePowerGoesWhileContentGivesWayThenNumbersAndChainAreWhole) {
    cut_everywhere({.lines_max = 6});
}

// The test of the test: whoever does not sync loses what was committed on this disk.
TEST_F(SpoolPowerLoss, GivenAWriterThatDoesNotSyncWhenThePowerGoesThenThisDiskLosesCommits) {
    int lost = 0;
    for (std::uint64_t cut = 20; cut < 40; ++cut) {
        const testing::TemporaryFolder before, after;
        std::int64_t committed = 0;
        {
            testing::PowerLossDisk disk(static_cast<std::uint32_t>(cut));
            auto database = Database::open(before / "a.db");
            ASSERT_TRUE(database && database->execute("CREATE TABLE t(n); PRAGMA synchronous = OFF"));
            disk.cut_at(disk.operations() + cut);
            while (database->execute("INSERT INTO t VALUES(1)"))
                ++committed;
            disk.leave_in(after.path());
        }
        auto database = Database::open(after / "a.db");
        auto count = database ? database->prepare("SELECT count(*) FROM t") : database.error();
        const bool read = count && count->step();
        lost += !read || count->integer(0) < committed ? 1 : 0;
    }
    EXPECT_GT(lost, 10);
}

}  // namespace
}  // namespace sallyport::agent
