// SPDX-License-Identifier: Apache-2.0
//
// sallyportctl fsck and the evidence commands over a real store; each kind of fault is in collector/evidence's own tests.
#include <gmock/gmock.h>

#include "collector/evidence/evidence_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/schema.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;

class Fsck : public Control {
protected:
    // A log of the collector's own lines, signed by the agency's real key.
    void fill(int lines) {
        establish_agency();
        auto database = *Database::open(path("store.db"));
        ASSERT_TRUE(store::migrate(database));
        const SigningKey key = *SigningKey::load_pem(path("ca/collector-signing.key"));
        const std::string instance = random_id();
        auto stream = *store::create_stream(database, kOri, "collector", instance,
                                            chain_genesis("collector", instance, key.public_key()), WallTime{});
        auto appender = *store::EventAppender::open(database);
        for (int i = 0; i < lines; ++i) {
            const std::string line = "line " + std::to_string(i);
            ASSERT_TRUE(appender.append(stream, std::nullopt, {{"server.gap", WallTime{}, leaf_of(line), line, {}}}, WallTime{}));
        }
        const std::vector<PublicKey> known{key.public_key()};
        auto head = evidence::sign_everything(database, kOri, key, known, WallTime{}, evidence::HeadReason::exported);
        ASSERT_TRUE(head) << head.error().message();
        write("head.txt", head->checkpoint);
    }
    void sql(const std::string& text) {
        auto database = *Database::open(path("store.db"));
        ASSERT_TRUE(database.execute(text));
    }
};

TEST_F(Fsck, GivenAWholeLogThenItSaysWhatItCheckedAndEndsWithZero) {
    fill(300);
    const Ran ran = done("fsck --head head.txt");
    EXPECT_THAT(ran.out, HasSubstr("300 lines (0 withheld)"));
    EXPECT_THAT(ran.out, HasSubstr("no faults"));
    EXPECT_THAT(done("fsck --json").out, HasSubstr(R"("fault_count":0,"faults":[])"));
}

TEST_F(Fsck, GivenAnAlteredLineThenItIsNamedAndEndsWithOne) {
    fill(300);
    sql("UPDATE event SET line = 'another' WHERE ingest_id = 7");
    const Ran ran = ctl("fsck");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, HasSubstr("altered: line 7 (collector, seq 7)"));
    EXPECT_THAT(ctl("fsck --json").out, HasSubstr(R"j("kind":"altered","place":"line 7 (collector, seq 7)")j"));
}

TEST_F(Fsck, GivenTheHeadOfAnotherLogThenItIsRefused) {
    fill(3);
    EXPECT_EQ(ctl("fsck --head nothing.txt").code, 2);
    EXPECT_TRUE(SigningKey::generate()->save_pem(path("other.key")));
    ASSERT_EQ(shell("openssl pkey -in other.key -pubout -out other.pub").code, 0);
    const Ran ran = ctl("fsck --key other.pub");
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, HasSubstr("signed by no known key"));
}

TEST_F(Fsck, GivenALogThenItsHeadsAreListedAndItsProofsHold) {
    fill(300);
    EXPECT_THAT(done("evidence heads").out, HasSubstr("export"));
    EXPECT_THAT(done("evidence heads --json").out, HasSubstr(R"("size":300)"));
    write("line.json", done("evidence prove 7").out);
    EXPECT_THAT(done("evidence check-proof line.json").out, HasSubstr("proven: leaf 6 is in the tree of 300"));
    write("growth.json", done("evidence growth 100").out);
    EXPECT_THAT(done("evidence check-proof growth.json").out, HasSubstr("the tree of 100 is the beginning of the tree of 300"));
    EXPECT_EQ(ctl("evidence prove 7 --size 301").code, 1) << "no head covers it";
    EXPECT_EQ(ctl("evidence prove 301").code, 2);
}

TEST_F(Fsck, GivenALogWhenItsTilesAreWrittenThenTheyAreNamedAsTheStandardSays) {
    fill(300);
    done("evidence tiles --out mirror");
    EXPECT_EQ(std::filesystem::file_size(path("mirror/tile/0/000")), 256U * 32);
    EXPECT_EQ(std::filesystem::file_size(path("mirror/tile/0/001.p/44")), 44U * 32);
    EXPECT_EQ(std::filesystem::file_size(path("mirror/tile/1/000.p/1")), 32U);
    EXPECT_EQ(content(path("mirror/checkpoint")), content(path("head.txt")));
}

}  // namespace
}  // namespace sallyport::testing
