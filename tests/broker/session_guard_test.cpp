// SPDX-License-Identifier: Apache-2.0
//
// What the broker's guard decides, over lists that our own authority signs. With a real mosquitto:
// tests/collector/ctl/broker_test.cpp.
#include "broker/session_guard.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "collector/ctl/authority.hpp"
#include "protocol/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::broker {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Guarded : public ::testing::Test {
protected:
    Guarded() {
        EXPECT_TRUE(authority_.make_identity("T-1", ctl::Purpose::client, {}, now_));
        access("user T-1\n");
    }

    void access(const std::string& text) { EXPECT_TRUE(replace_file(folder_ / "acl", text, Secrecy::open)); }
    SessionGuard open() {
        auto guard = SessionGuard::open(folder_ / "crl.pem", folder_ / "acl");
        EXPECT_TRUE(guard);
        return *guard;
    }

    const WallTime now_ = std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now());
    const ClientCertificate good_{"\x01\x02", now_ + std::chrono::hours(1)};
    sallyport::testing::TemporaryFolder folder_;
    ctl::Authority authority_ = *ctl::Authority::create(folder_.path(), now_);
};

TEST_F(Guarded, GivenAGoodCertificateThenItsSessionGoesOn) {
    auto guard = open();
    EXPECT_TRUE(guard.admits("T-1", good_, now_));
    EXPECT_THAT(guard.due(now_), IsEmpty());
}

TEST_F(Guarded, GivenACertificateThatRunsOutThenItsSessionIsToEnd) {
    auto guard = open();
    EXPECT_TRUE(guard.admits("T-1", good_, now_));
    const WallTime later = good_.not_after + std::chrono::milliseconds(1);
    EXPECT_THAT(guard.due(later), ElementsAre(Field(&Ending::why, HasSubstr("has run out"))));
    EXPECT_FALSE(guard.admits("T-1", good_, later));
}

TEST_F(Guarded, GivenASessionThatEndedThenItIsNotEndedAgain) {
    auto guard = open();
    EXPECT_TRUE(guard.admits("T-1", good_, now_));
    guard.ended("T-1");
    EXPECT_THAT(guard.due(good_.not_after + std::chrono::hours(1)), IsEmpty());
}

// A killed agent's last will is what tells the collector at once: the broker asks about it when the connection is gone.
TEST_F(Guarded, GivenAConnectionThatIsGoneThenItsLastWillIsAdmittedUnlessItsCertificateIsNoLongerGood) {
    auto guard = open();
    EXPECT_FALSE(guard.admits_last_will("T-1", now_));
    EXPECT_TRUE(guard.admits("T-1", good_, now_));
    EXPECT_TRUE(guard.admits_last_will("T-1", now_));
    guard.ended("T-1");
    EXPECT_TRUE(guard.admits_last_will("T-1", now_));
    EXPECT_FALSE(guard.admits_last_will("T-1", good_.not_after + std::chrono::hours(1)));
    EXPECT_FALSE(guard.admits_last_will("T-2", now_));
    ASSERT_TRUE(guard.look());
    EXPECT_FALSE(guard.admits_last_will("T-1", now_));
}

TEST_F(Guarded, GivenTheFilesThenEachReplacementIsSeenOnce) {
    auto guard = open();
    EXPECT_FALSE(*guard.look());
    access("user T-1\nuser T-2\n");
    EXPECT_TRUE(*guard.look());
    EXPECT_FALSE(*guard.look());
    EXPECT_TRUE(authority_.write_revocations({}, now_ + std::chrono::hours(1)));
    EXPECT_TRUE(*guard.look());
    EXPECT_FALSE(*guard.look());
}

TEST_F(Guarded, GivenNoListThenThereIsNoGuard) {
    EXPECT_FALSE(SessionGuard::open(folder_ / "absent.pem", folder_ / "acl"));
    std::ofstream(folder_ / "other.pem") << "no list";
    auto other = SessionGuard::open(folder_ / "other.pem", folder_ / "acl");
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().code(), Errc::corrupt);
}

}  // namespace
}  // namespace sallyport::broker
