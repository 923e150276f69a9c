// SPDX-License-Identifier: Apache-2.0
//
// What terminals asked for with a token, decided and signed by the real sallyportctl.
#include <gmock/gmock.h>

#include "collector/enrolment/enrolment_desk.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/enrolment_token.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CertificateRequests : public sallyport::testing::Control {
protected:
    void SetUp() override {
        establish_agency();
        register_terminals(2);
    }
    // As the collector takes it; its id.
    std::string ask(const std::string& terminal, const std::string& name) {
        const auto token = parse_enrolment_token(done("terminals enrol " + terminal).out);
        EXPECT_TRUE(token);
        make_request(name, terminal);
        auto database = Database::open(path("store.db"));
        auto id = enrolment::take_request(*database, terminal, token->secret, content(path(name + ".csr")),
                                          {"terminal", "none", "192.0.2.1"}, now());
        EXPECT_TRUE(id) << id.error().message();
        return *id;
    }
    std::optional<store::CertificateRequest> request(const std::string& id) {
        auto database = Database::open(path("store.db"), Database::Access::read_only);
        return *store::find_certificate_request(*database, id);
    }
    static WallTime now() { return std::chrono::time_point_cast<WallTime::duration>(std::chrono::system_clock::now()); }
};

TEST_F(CertificateRequests, GivenATokenThenItNamesTerminalAndAuthorityAndTheStoreKeepsNoSecret) {
    const auto token = parse_enrolment_token(done("terminals enrol T-1").out);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->terminal, "T-1");
    const auto fingerprint = shell("openssl x509 -in ca/ca.crt -outform DER | sha256sum").out.substr(0, 64);
    EXPECT_EQ(token->authority_sha256, fingerprint);
    for (const std::string file : {"store.db", "store.db-wal"})
        EXPECT_THAT(content(path(file)), Not(HasSubstr(token->secret))) << file;
    EXPECT_EQ(ctl("terminals enrol T-9").code, 1);  // in no register
    EXPECT_EQ(ctl("terminals enrol T-1 --out t1.crt").code, 2);
}

TEST_F(CertificateRequests, GivenARequestWhenApprovedThenItsCertificateIsThereAndItsKeyBelieved) {
    const auto id = ask("T-1", "t1");
    EXPECT_THAT(done("enrolments requests --json").out, HasSubstr(id));
    done("enrolments approve " + id + " --valid-for 30d");
    const auto issued = request(id);
    ASSERT_TRUE(issued && issued->certificate);
    write("t1.crt", *issued->certificate);
    EXPECT_EQ(shell("openssl verify -CAfile ca/ca.crt -purpose sslclient t1.crt").code, 0);
    EXPECT_NE(shell("openssl x509 -in t1.crt -noout -checkend 2678400").code, 0) << "longer than 31 days";
    auto database = Database::open(path("store.db"), Database::Access::read_only);
    EXPECT_EQ(store::keys_of(*database, "T-1")->size(), 1U);
    EXPECT_EQ(ctl("enrolments approve " + id).code, 1);
    EXPECT_THAT(done("enrolments list --json").out, HasSubstr("\"terminal_id\":\"T-1\""));  // its window
}

TEST_F(CertificateRequests, GivenApprovalsOfTheConsoleWhenSignedThenThoseThatMayNotBeAnyMoreAreRefused) {
    const auto good = ask("T-1", "t1"), bad = ask("T-2", "t2");
    {
        auto database = Database::open(path("store.db"));
        for (const auto& id : {good, bad})
            ASSERT_TRUE(enrolment::approve(*database, id, {"acc", "acc", {}}, now()));
    }
    write("lost.csv", "terminal_id,status\nT-2,lost\n");
    ASSERT_EQ(ctl("terminals import lost.csv --reason lost").code, 0) << content(path("err.txt"));
    const auto ran = done("enrolments sign");
    EXPECT_THAT(ran.out, HasSubstr("T-1: enrolment signed"));
    EXPECT_THAT(ran.err, HasSubstr("T-2"));
    EXPECT_EQ(request(good)->state, "issued");
    EXPECT_EQ(request(bad)->state, "refused");
    EXPECT_EQ(done("enrolments sign").out, "");
}

TEST_F(CertificateRequests, GivenARefusalThenItsReasonStaysAndItIsNotSigned) {
    const auto id = ask("T-1", "t1");
    done("enrolments refuse " + id + " --reason 'another key'");
    EXPECT_EQ(request(id)->reason, "another key");
    EXPECT_EQ(done("enrolments sign").out, "");
    EXPECT_EQ(ctl("enrolments approve " + id).code, 1);
    EXPECT_EQ(ctl("enrolments approve " + std::string(32, '0')).code, 2);
}

}  // namespace
}  // namespace sallyport::ctl
