// SPDX-License-Identifier: Apache-2.0
//
// What a terminal may ask without a log-in, and what people decide: docs/formats/enrolment.md.
#include "api_fixture.hpp"
#include "collector/enrolment/enrolment_desk.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/files.hpp"

namespace sallyport::testing {
namespace {

class EnrolmentApi : public ApiFixture {
protected:
    std::string token(const std::string& terminal = "T-101", std::chrono::minutes life = std::chrono::minutes(60)) {
        std::string text;
        write([&](Database& database) -> Result<void> {
            auto made = enrolment::issue_token(database, terminal, std::string(64, 'a'), life, {"acc", "acc", {}}, clock_.now());
            if (!made) return made.error();
            text = to_string(*made);
            return {};
        });
        return text;
    }
    // As openssl makes it for a key of its own.
    std::string request(const std::string& name, const std::string& key = "t", const std::string& curve = "P-256") {
        const std::string folder = "cd '" + folder_.string() + "' && ";
        EXPECT_EQ(std::system((folder + "{ [ -f " + key + ".key ] || openssl ecparam -genkey -noout -name " +
                               (curve == "P-256" ? "prime256v1" : "secp384r1") + " -out " + key + ".key; } && openssl req -new -key " +
                               key + ".key -subj /CN=" + name + " -out r.csr 2>/dev/null").c_str()),
                  0);
        return *read_file(folder_ / "r.csr");
    }
    HttpAnswer ask(const std::string& token, const std::string& pem) {
        const Record body{{"token", token}, {"request", pem}};
        return browser().request("POST", "/api/v1/enrolments", &body);
    }
    std::string id_of(const HttpAnswer& answer) { return std::string(text_of(answer.json(), "id")); }
    HttpAnswer decide(std::string_view role, const std::string& id, const std::string& what, const Record& body = {}) {
        auto client = logged_in(role);
        return client.request("POST", "/api/v1/enrolments/" + id + "/" + what, &body);
    }
    std::string state_of(const std::string& id) {
        return std::string(text_of(browser().get("/api/v1/enrolments/" + id).json(), "state"));
    }
};

TEST_F(EnrolmentApi, GivenATokenWhenAPersonApprovesThenTheRequestWaitsForWhoeverSigns) {
    start();
    const auto answer = ask(token(), request("T-101"));
    ASSERT_EQ(answer.status, 202) << answer.body;
    const auto id = id_of(answer);
    EXPECT_EQ(state_of(id), "waiting");
    EXPECT_EQ(decide("acc", id, "approve").status, 200);
    EXPECT_EQ(state_of(id), "approved");
    EXPECT_EQ(browser().get("/api/v1/enrolments/" + id).body.find("certificate"), std::string::npos);  // nobody signed
    EXPECT_EQ(decide("acc", id, "approve").status, 409);
    EXPECT_EQ(decide("acc", id, "refuse", {{"reason", "late"}}).status, 409);
}

TEST_F(EnrolmentApi, GivenATokenWhenSpentTwiceThenOnlyTheSameKeyHearsOfItsRequestAgain) {
    start();
    const auto text = token();
    const auto first = ask(text, request("T-101"));
    EXPECT_EQ(id_of(ask(text, request("T-101"))), id_of(first));  // the answer was lost on the way
    EXPECT_EQ(ask(text, request("T-101", "other")).status, 403);
}

TEST_F(EnrolmentApi, GivenAWrongTokenWhenAskedThenEveryReasonHasOneAnswerAndEachTryIsLogged) {
    start();
    const auto mine = token("T-101"), for_other = token("T-102");
    auto unknown = mine;
    unknown[7] = unknown[7] == '0' ? '1' : '0';
    const std::string moved = "T-101" + for_other.substr(5);
    const auto one = ask(unknown, request("T-101")), two = ask(moved, request("T-101"));
    clock_.advance(std::chrono::minutes(61));
    const auto three = ask(mine, request("T-101"));
    EXPECT_EQ(one.status, 403);
    EXPECT_EQ(one.body, two.body);
    EXPECT_EQ(one.body, three.body);
    std::size_t failures = 0;
    for (const auto& entry : audit("terminals", "T-101"))
        failures += entry.entry.action == "enrolment.request" && !entry.entry.success ? 1 : 0;
    EXPECT_EQ(failures, 3u);
    EXPECT_EQ(ask("no token at all", request("T-101")).status, 400);
}

TEST_F(EnrolmentApi, GivenANewTokenThenTheOneBeforeIsGoodNoLonger) {
    start();
    const auto before = token(), after = token();
    EXPECT_EQ(ask(before, request("T-101")).status, 403);
    EXPECT_EQ(ask(after, request("T-101")).status, 202);
}

TEST_F(EnrolmentApi, GivenABadRequestWhenAskedThenTheTokenIsNotSpent) {
    start();
    const auto text = token();
    EXPECT_EQ(ask(text, "no request").status, 400);
    EXPECT_EQ(ask(text, request("T-102")).status, 403);
    EXPECT_EQ(ask(text, request("T-101", "large", "P-384")).status, 403);
    EXPECT_EQ(ask(text, std::string(5000, 'x')).status, 400);
    const Record extra{{"token", text}, {"request", request("T-101")}, {"role", "administrator"}};
    EXPECT_EQ(browser().request("POST", "/api/v1/enrolments", &extra).status, 400);
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(ask(text, request("T-101")).status, 202);
}

TEST_F(EnrolmentApi, GivenATerminalThatWasLostMeanwhileWhenApprovedThenItIsRefused) {
    start();
    const auto id = id_of(ask(token(), request("T-101")));
    write([&](Database& database) -> Result<void> {
        auto entry = store::find_entry(database, "terminals", "T-101", clock_.now(), clock_.now());
        (*entry)->data.set("status", "stolen");
        (*entry)->recorded_at = clock_.now();
        return store::record_entry(database, **entry);
    });
    clock_.advance(std::chrono::seconds(1));
    EXPECT_EQ(decide("acc", id, "approve").status, 403);
    EXPECT_EQ(state_of(id), "waiting");
    EXPECT_EQ(decide("administrator", id, "refuse", {{"reason", "stolen"}}).status, 200);
    EXPECT_EQ(state_of(id), "refused");
}

TEST_F(EnrolmentApi, GivenAKeyInForceWhenItAsksForItsRenewalThenOnlyInTheSecondHalfOfItsCertificatesLife) {
    start();
    const auto pem = request("T-101");
    const auto key = SigningKey::load_pem(folder_ / "t.key");
    ASSERT_TRUE(key);
    write([&](Database& database) {
        return store::add_key(database, {"T-101", "CA0190000", key->public_key().base64(), std::string(64, '1'),
                                         clock_.now() + std::chrono::days(100), clock_.now(), {}, {}});
    });
    const Record body{{"terminal", "T-101"}, {"request", pem}};
    const auto renew = [&] { return browser().request("POST", "/api/v1/renewals", &body); };
    EXPECT_EQ(renew().status, 409);
    clock_.advance(std::chrono::days(51));
    const auto asked = renew();
    ASSERT_EQ(asked.status, 202) << asked.body;
    EXPECT_EQ(state_of(id_of(asked)), "approved");
    EXPECT_EQ(id_of(renew()), id_of(asked));
    write([&](Database& database) { return store::revoke_keys(database, "T-101", "stolen", clock_.now()); });
    EXPECT_EQ(renew().status, 403);
    const Record stranger{{"terminal", "T-101"}, {"request", request("T-101", "stranger")}};
    EXPECT_EQ(browser().request("POST", "/api/v1/renewals", &stranger).status, 403);
}

TEST_F(EnrolmentApi, GivenManyTriesInAMinuteThenTheAddressWaits) {
    start();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("no token", "no request").status, 400);
    EXPECT_EQ(ask("no token", "no request").status, 429);
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(ask("no token", "no request").status, 400);
}

TEST_F(EnrolmentApi, GivenNoAuthorityIsConfiguredThenThereIsNoneToFetch) {
    start();
    EXPECT_EQ(browser().get("/api/v1/authority").status, 404);
    EXPECT_EQ(browser().get("/api/v1/enrolments/" + std::string(32, '0')).status, 404);
}

}  // namespace
}  // namespace sallyport::testing
