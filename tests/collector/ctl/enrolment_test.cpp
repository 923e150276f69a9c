// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "collector/store/audit_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/chain.hpp"
#include "tests/collector/ctl/control.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::HasSubstr;

class Enrolment : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(2);
    }
    std::vector<store::TerminalKey> keys(std::string_view terminal) {
        auto database = Database::open(path("store.db"), Database::Access::read_only);
        return *store::keys_of(*database, terminal);
    }
    void expect_refused(const sallyport::testing::Ran& ran, std::string_view why) {
        EXPECT_EQ(ran.code, 1);
        EXPECT_THAT(ran.err, HasSubstr(std::string(why)));
    }
};

TEST_F(Enrolment, GivenARightRequestWhenEnrolledThenItsKeyIsBelievedAndItsCertificateVerifies) {
    make_request("t1", "T-1");
    ASSERT_EQ(enrol("T-1", "t1").code, 0);
    EXPECT_EQ(shell("openssl verify -CAfile ca/ca.crt -purpose sslclient t1.crt").code, 0);
    EXPECT_NE(shell("openssl verify -CAfile ca/ca.crt -purpose sslserver t1.crt").code, 0);
    const auto enrolled = keys("T-1");
    ASSERT_EQ(enrolled.size(), 1u);
    EXPECT_EQ(enrolled.front().public_key, PublicKey::load_pem(path("t1.crt"))->base64());
    EXPECT_EQ(enrolled.front().ori, kOri);
    EXPECT_FALSE(enrolled.front().revoked_at);
    EXPECT_THAT(done("enrolments list --json").out, HasSubstr("\"terminal_id\":\"T-1\""));
}

TEST_F(Enrolment, GivenARequestForAnotherNameWhenEnrolledThenRefused) {
    make_request("t1", "T-2");
    expect_refused(enrol("T-1", "t1"), "its subject is not CN=T-1");
    make_request("server", "collector-send");
    EXPECT_EQ(enrol("collector-send", "server").code, 1);
    ASSERT_EQ(shell("openssl req -new -key t1.key -subj '/O=x/CN=T-1' -out t1.csr").code, 0);
    expect_refused(enrol("T-1", "t1"), "its subject is not one common name");
    EXPECT_TRUE(keys("T-1").empty());
    EXPECT_FALSE(std::filesystem::exists(path("t1.crt")));
}

TEST_F(Enrolment, GivenAForeignKeyWhenEnrolledThenRefused) {
    make_request("t1", "T-1", "P-384");
    expect_refused(enrol("T-1", "t1"), "its key is not P-256");
    ASSERT_EQ(shell("openssl req -new -newkey rsa:2048 -nodes -subj /CN=T-1 -keyout t1.key -out t1.csr").code, 0);
    expect_refused(enrol("T-1", "t1"), "its key is not P-256");
    // The key of T-2 under the name of T-1: a clone.
    make_request("t2", "T-2");
    ASSERT_EQ(enrol("T-2", "t2").code, 0);
    ASSERT_EQ(shell("openssl req -new -key t2.key -subj /CN=T-1 -out t1.csr").code, 0);
    expect_refused(enrol("T-1", "t1"), "enrolled before, for terminal T-2");
    EXPECT_TRUE(keys("T-1").empty());
}

TEST_F(Enrolment, GivenARequestThatWasAlteredWhenEnrolledThenRefused) {
    make_request("t1", "T-1");
    ASSERT_EQ(shell("openssl req -in t1.csr -outform DER -out t1.der").code, 0);
    std::string der = content(path("t1.der"));
    der.back() = static_cast<char>(der.back() ^ 1);  // the signature's last byte
    write("t1.der", der);
    ASSERT_EQ(shell("openssl req -inform DER -in t1.der -out t1.csr").code, 0);
    expect_refused(enrol("T-1", "t1"), "not signed by the key it names");
    write("t1.csr", "no request at all");
    expect_refused(enrol("T-1", "t1"), "is no PKCS#10 request");
}

TEST_F(Enrolment, GivenAnUnknownTerminalWhenEnrolledThenRefused) {
    make_request("t9", "T-9");
    expect_refused(enrol("T-9", "t9"), "is not in the register");
}

TEST_F(Enrolment, GivenAnEnrolledTerminalWhenEnrolledAgainThenOnlyOnPurposeAndTheOldKeyIsRevoked) {
    make_request("t1", "T-1");
    ASSERT_EQ(enrol("T-1", "t1").code, 0);
    make_request("new", "T-1");
    expect_refused(enrol("T-1", "new"), "--replace");
    ASSERT_EQ(enrol("T-1", "new", "--replace").code, 0);
    const auto all = keys("T-1");
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& key) { return key.revoked_at.has_value(); }), 1);
}

TEST_F(Enrolment, GivenARevokedKeyWhenEnrolledAgainThenRefused) {
    make_request("t1", "T-1");
    ASSERT_EQ(enrol("T-1", "t1").code, 0);
    done("terminals revoke T-1 --reason stolen");
    EXPECT_TRUE(keys("T-1").front().revoked_at);
    EXPECT_EQ(keys("T-1").front().revoke_reason, "stolen");
    expect_refused(enrol("T-1", "t1"), "and revoked");
    EXPECT_EQ(ctl("terminals revoke T-1 --reason again").code, 1);
    EXPECT_THAT(shell("openssl crl -in ca/crl.pem -noout -text").out, HasSubstr("Serial Number"));
    EXPECT_NE(shell("cat ca/ca.crt ca/crl.pem > chain.pem && openssl verify -crl_check -CAfile chain.pem t1.crt").code, 0);
}

TEST_F(Enrolment, GivenEnrolmentAndRevocationThenBothAreInTheAuditLogWithTheActor) {
    make_request("t1", "T-1");
    ASSERT_EQ(enrol("T-1", "t1").code, 0);
    done("terminals revoke T-1 --reason lost");
    auto database = Database::open(path("store.db"));
    const auto entries = store::read_audit(*database, "terminals", "T-1", 10);
    ASSERT_TRUE(entries);
    std::vector<std::string> actions;
    for (const auto& entry : *entries) {
        actions.push_back(entry.entry.action);
        EXPECT_EQ(entry.entry.actor, "tester");
    }
    EXPECT_THAT(actions, ::testing::UnorderedElementsAre("registry.change", "terminal.enrol", "terminal.revoke"));
    EXPECT_TRUE(store::verify_audit(*database));
}

// Decision 25: a person enters eight cells at most, the terminal reports the rest.
TEST_F(Enrolment, GivenATerminalThatReportedItselfWhenAdoptedThenItsEntryIsFilledAndItCanBeLicensed) {
    EXPECT_EQ(ctl("terminals adopt T-1").code, 2);  // nothing heard yet
    auto database = Database::open(path("store.db"));
    Event identity = sallyport::testing::event("device.identity", "T-1", std::string(32, '2'), 1,
                                    {{"system_serial", "SER1"}, {"manufacturer", "Maker"}, {"os_build", "Debian 12, Linux 6"},
                                     {"agent_version", "0.1.0"}, {"agent_sha256", std::string(64, 'a')}});
    auto line = encode_event(identity);
    ASSERT_TRUE(line);
    auto stream = store::create_stream(*database, kOri, "T-1", std::string(32, '2'), Digest{}, *identity.occurred_at);
    auto appender = store::EventAppender::open(*database);
    ASSERT_TRUE(appender->append(*stream, std::nullopt, {{identity.type, *identity.occurred_at, leaf_of(*line), *line, {}}},
                                 *identity.occurred_at));
    EXPECT_THAT(done("terminals adopt T-1 --preview").out, HasSubstr("system_serial: SER1"));
    EXPECT_THAT(done("terminals list --json").out, ::testing::Not(HasSubstr("SER1")));
    done("terminals adopt T-1");
    EXPECT_THAT(done("terminals list --json").out, HasSubstr("SER1"));
    EXPECT_THAT(done("terminals history T-1").out, HasSubstr("reported by the terminal at enrolment"));
    write("licence.csv", "terminal_id,status,licensed_on,license_ref,approved_by,supplier\n"
                         "T-1,licensed,11/1/2026,L-1,OP-1,Shop\n");
    done("terminals import licence.csv");
    write("licence.csv", "terminal_id,status,licensed_on,license_ref,approved_by,supplier\n"
                         "T-2,licensed,11/1/2026,L-1,OP-1,Shop\n");
    EXPECT_EQ(ctl("terminals import licence.csv").code, 1);  // it never reported
}

}  // namespace
}  // namespace sallyport::ctl
