// SPDX-License-Identifier: Apache-2.0
//
// A process that stores lines with their tree and is killed at any moment: what is left is whole, and goes on.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "collector/evidence/log_check.hpp"
#include "tests/collector/evidence/log_fixture.hpp"

namespace sallyport::testing {
namespace {

using namespace evidence;

class KilledWriter : public LogFixture {
protected:
    // Commits without end, and says so after each.
    [[noreturn]] void write_for_ever(const std::string& terminal, int told) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        auto database = *Database::open(file());
        for (std::size_t count = 1;; count = count % 300 + 37) {
            auto transaction = *database.begin();
            append_batch(database, count, terminal);
            if (!grow_trees(database, 100'000) || !transaction.commit() || ::write(told, ".", 1) != 1)
                ::_exit(1);
        }
    }
    void kill_after(int commits, const std::string& terminal) {
        int told[2];
        ASSERT_EQ(::pipe(told), 0);
        const pid_t child = ::fork();
        if (child == 0)
            write_for_ever(terminal, told[1]);
        ::close(told[1]);
        char dot = 0;
        for (int i = 0; i < commits; ++i)
            ASSERT_EQ(::read(told[0], &dot, 1), 1);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        ::close(told[0]);
    }
};

TEST_F(KilledWriter, GivenAKillAtAnyMomentThenTheTreeIsThatOfTheStoredLinesAndGoesOn) {
    add_batch(1);
    grow();
    for (int round = 0; round < 12; ++round) {
        const std::string terminal = "K-" + std::to_string(round);
        ASSERT_TRUE(store::add_key(database_, {terminal, kOri, enrolled_.public_key().base64(), std::string(64, 'c'),
                                               clock_.now() + std::chrono::hours(24), clock_.now(), {}, {}}));
        kill_after(round % 4, terminal);
        EXPECT_EQ(tree().size, static_cast<std::uint64_t>(number("SELECT COUNT(*) FROM event")));
        const auto head = sign();
        const auto report = check_log(database_, {{log_key_.public_key()}, {head.checkpoint}, clock_.now()});
        ASSERT_TRUE(report) << report.error().message();
        ASSERT_EQ(report->fault_count, 0U) << report->faults.front().kind << ": " << report->faults.front().place << ": "
                                           << report->faults.front().what;
    }
}

}  // namespace
}  // namespace sallyport::testing
