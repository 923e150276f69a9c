// SPDX-License-Identifier: Apache-2.0
//
// Retention, holds, backup and restore as an administrator types them.
#include "tests/collector/ctl/control.hpp"

namespace sallyport::testing {
namespace {

class RetentionCommandTest : public Control {
protected:
    void SetUp() override {
        write("collector.yml", std::string("agency: {ori: ") + kOri + ", name: Example}\nstore: store.db\nbroker: {ca: ca/ca.crt}\n" +
                                   "signing_key: ca/collector-signing.key\nrules: rules\n");
        done("ca init --dir ca");
    }
    void account(const std::string& name, const std::string& role) {
        ASSERT_EQ(shell("echo 'a long enough password' | '" SALLYPORTCTL "' --config collector.yml accounts add " + name + " --role " +
                        role + " --password-stdin").code, 0);
    }
    Ran approve(const std::string& name, const std::string& password) {
        return shell("echo '" + password + "' | '" SALLYPORTCTL "' --config collector.yml --as " + name +
                     " retention approve 1 --password-stdin");
    }
};

TEST_F(RetentionCommandTest, GivenAProposalThenOnlyAnotherPersonWithTheirOwnPasswordApprovesIt) {
    account("acc", "acc");
    account("admin", "administrator");
    done("retention propose events --reason 'two years are over'");
    EXPECT_EQ(ctl("retention run 1").code, 1);
    EXPECT_EQ(approve("acc", "not the password").code, 1);
    EXPECT_EQ(approve("nobody", "a long enough password").code, 1);
    EXPECT_EQ(approve("admin", "a long enough password").code, 1);
    EXPECT_EQ(approve("acc", "a long enough password").code, 0);
    const Ran ran = done("retention run 1 --json");
    EXPECT_NE(ran.out.find("\"state\":\"done\""), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("\"gone_from_the_files\":true"), std::string::npos) << ran.out;
    EXPECT_NE(done("retention list").out.find("acc (acc)"), std::string::npos);
    EXPECT_EQ(ctl("retention run 99").code, 2);
}

TEST_F(RetentionCommandTest, GivenAPeriodThenItIsTakenWithinItsBoundsAndShown) {
    EXPECT_EQ(ctl("retention set presence 30 --reason longer").code, 1);
    done("retention set presence 2 --reason 'works council'");
    const Ran status = done("retention status --json");
    EXPECT_NE(status.out.find("\"days\":2,"), std::string::npos) << status.out;
    EXPECT_EQ(ctl("retention set nothing 2 --reason r").code, 2);
}

TEST_F(RetentionCommandTest, GivenAHoldThenItIsListedUntilItIsLifted) {
    done("hold place span --from 2026-01-01T00:00:00.000Z --to 2026-02-01T00:00:00.000Z --reason request");
    EXPECT_EQ(ctl("hold place terminal T-9 --reason request").code, 2);
    EXPECT_EQ(ctl("hold place span --from yesterday --to 2026-02-01T00:00:00.000Z --reason request").code, 1);
    EXPECT_NE(done("hold list").out.find("span"), std::string::npos);
    done("hold lift 1 --reason settled");
    EXPECT_EQ(ctl("hold lift 1 --reason again").code, 1);
    EXPECT_EQ(done("hold list").out.find("span"), std::string::npos);
    EXPECT_NE(done("hold list --all --json").out.find("settled"), std::string::npos);
}

TEST_F(RetentionCommandTest, GivenABackupThenItRestoresIntoAFreshPlaceAndOnlyWithItsKey) {
    account("acc", "acc");
    ASSERT_EQ(shell("umask 077; openssl rand -hex 32 > key; openssl rand -hex 32 > other").code, 0);
    EXPECT_EQ(ctl("backup --out backup").code, 2) << "sealed, or said to be in clear";
    done("backup --out backup --key-file key");
    EXPECT_EQ(ctl("backup --out backup --key-file key").code, 1) << "never over another";
    done("restore --to store.db --from backup --key-file key --check");
    EXPECT_EQ(ctl("restore --to store.db --from backup --key-file other --check").code, 1);
    EXPECT_EQ(ctl("restore --to store.db --from backup --key-file key").code, 1) << "a store is there";
    done("restore --to fresh.db --from backup --key-file key");
    EXPECT_NE(done("--store fresh.db accounts list").out.find("acc"), std::string::npos);
    // The credential of the unit does as well, and the backup says that it was made.
    EXPECT_EQ(shell("mkdir -m 700 credentials && cp -p key credentials/backup-key && CREDENTIALS_DIRECTORY=$PWD/credentials '" SALLYPORTCTL
                    "' --config collector.yml restore --to store.db --from backup --check").code, 0);
}

TEST_F(RetentionCommandTest, GivenAKeyThatOthersMayReadThenItIsRefused) {
    ASSERT_EQ(shell("openssl rand -hex 32 > key; chmod 644 key").code, 0);
    const Ran ran = ctl("backup --out backup --key-file key");
    EXPECT_EQ(ran.code, 1);
    EXPECT_NE(ran.err.find("0644"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace sallyport::testing
