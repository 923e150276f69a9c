// SPDX-License-Identifier: Apache-2.0
//
// Logging in and out (CSP AC-7, AC-11, AC-12; dictionary, section 15).
#include <fstream>

#include "api_fixture.hpp"
#include "collector/registers/totp.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/second_factor_repository.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::testing {
namespace {

using Session = ApiFixture;

TEST_F(Session, GivenTheRightPasswordWhenLoggingInThenTheCookieIsOutOfScriptsReachAndOnlyItsHashIsKept) {
    start();
    auto client = browser();
    const auto answer = client.log_in("spoc", kPassword);
    ASSERT_EQ(answer.status, 201) << answer.body;
    EXPECT_EQ(text_of(answer.json(), "role"), "spoc");
    const auto cookie = answer.header("Set-Cookie");
    for (const auto* flag : {"__Host-sallyport=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"})
        EXPECT_NE(cookie.find(flag), std::string::npos) << flag;
    EXPECT_EQ(client.get("/api/v1/session").status, 200);

    const auto token = client.cookie().substr(client.cookie().find('=') + 1);
    auto reader = writer_->reader();
    EXPECT_TRUE((*store::find_session(*reader, sha256(bytes_of(token)))).has_value());
    for (const auto* file : {"store.db", "store.db-wal"}) {
        std::ifstream in(folder_ / file, std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
        EXPECT_EQ(bytes.find(token), std::string::npos) << file;
    }
}

TEST_F(Session, GivenAWrongPasswordOrNameWhenLoggingInThenTheAnswersAreTheSame) {
    start();
    const auto wrong = browser().log_in("spoc", "not the password");
    const auto unknown = browser().log_in("nobody", "not the password");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(unknown.status, 401);
    EXPECT_EQ(wrong.body, unknown.body);
    EXPECT_EQ(audit("account", "spoc").size(), 1U);
    // What was typed as a name may be a password: it is not kept.
    EXPECT_EQ(audit("account", "nobody").size(), 0U);
    EXPECT_EQ(audit("account", "unknown").size(), 1U);
}

TEST_F(Session, GivenFiveFailuresInFifteenMinutesWhenThePasswordIsRightThenTheAccountStaysLockedForFifteen) {
    start();
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(browser().log_in("spoc", "not the password").status, 401);
        clock_.advance(std::chrono::minutes(1));
    }
    EXPECT_EQ(browser().log_in("spoc", kPassword).status, 401);
    EXPECT_EQ(browser().log_in("psd_investigator", kPassword).status, 201);
    clock_.advance(std::chrono::minutes(16));
    EXPECT_EQ(browser().log_in("spoc", kPassword).status, 201);
}

TEST_F(Session, GivenFailuresFarApartWhenCountedThenTheAccountIsNotLocked) {
    start();
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(browser().log_in("spoc", "not the password").status, 401);
        clock_.advance(std::chrono::minutes(5));
    }
    EXPECT_EQ(browser().log_in("spoc", kPassword).status, 201);
}

TEST_F(Session, GivenNoUseForThirtyMinutesWhenAskedThenTheSessionIsOver) {
    start();
    auto client = logged_in("spoc");
    clock_.advance(std::chrono::minutes(29));
    EXPECT_EQ(client.get("/api/v1/session").status, 200);
    const auto deadline = std::chrono::steady_clock::now() + kSoon;
    // The use is written down behind the answer.
    const auto used = [&] {
        auto reader = writer_->reader();
        const auto token = client.cookie().substr(client.cookie().find('=') + 1);
        return (*store::find_session(*reader, sha256(bytes_of(token))))->last_used_at == clock_.now();
    };
    while (!used() && std::chrono::steady_clock::now() < deadline) {
    }
    clock_.advance(std::chrono::minutes(29));
    EXPECT_EQ(client.get("/api/v1/session").status, 200);
    clock_.advance(std::chrono::minutes(31));
    EXPECT_EQ(client.get("/api/v1/session").status, 401);
}

TEST_F(Session, GivenASessionWhenLoggedOutThenItsCookieIsWorthless) {
    start();
    auto client = logged_in("spoc");
    EXPECT_EQ(client.request("DELETE", "/api/v1/session").status, 200);
    EXPECT_EQ(client.get("/api/v1/session").status, 401);
}

TEST_F(Session, GivenAWriteWithoutTheSessionsTokenWhenSentThenRefused) {
    start();
    add_alert("a1");
    auto client = logged_in("spoc");
    client.headers["X-CSRF-Token"] = "";
    EXPECT_EQ(client.post("/api/v1/alerts/a1/acknowledge", {}).status, 403);
    client.headers["X-CSRF-Token"] = std::string(64, '0');
    EXPECT_EQ(client.post("/api/v1/alerts/a1/acknowledge", {}).status, 403);
    client.headers.clear();
    EXPECT_EQ(client.post("/api/v1/alerts/a1/acknowledge", {}).status, 200);
}

TEST_F(Session, GivenADisabledAccountWhenItsSessionIsUsedThenItIsOver) {
    start();
    auto client = logged_in("auditor");
    write([&](Database& database) -> Result<void> {
        auto account = store::find_account(database, "auditor");
        if (!account) return account.error();
        (*account)->disabled_at = clock_.now();
        return store::save_account(database, **account);
    });
    EXPECT_EQ(client.get("/api/v1/session").status, 401);
    EXPECT_EQ(browser().log_in("auditor", kPassword).status, 401);
}

// Session fixation: a cookie that somebody else put into the browser becomes no session, and one that was there ends.
TEST_F(Session, GivenACookieBroughtAlongWhenLoggingInThenTheSessionIsAnotherOneAndThatCookieIsWorthless) {
    start();
    const std::string planted = "__Host-sallyport=" + std::string(64, 'a');
    auto victim = browser();
    victim.set_session(planted, "");
    ASSERT_EQ(victim.log_in("spoc", kPassword).status, 201);
    EXPECT_NE(victim.cookie(), planted);
    auto attacker = browser();
    attacker.set_session(planted, "");
    EXPECT_EQ(attacker.get("/api/v1/session").status, 401);

    const auto first = victim.cookie();
    ASSERT_EQ(victim.log_in("spoc", kPassword).status, 201);
    EXPECT_NE(victim.cookie(), first);
    attacker.set_session(first, "");
    EXPECT_EQ(attacker.get("/api/v1/session").status, 401) << "the one before it is over";
    EXPECT_EQ(victim.get("/api/v1/session").status, 200);
}

// Names that do not exist are locked by nobody: the address is what slows a guesser down.
TEST_F(Session, GivenManyAttemptsFromOneAddressWhenAMinuteIsFullThenNoNameAndNoPasswordIsTried) {
    start();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(browser().post("/api/v1/session", {{"name", "n" + std::to_string(i)}}).status, 400);
    EXPECT_EQ(browser().log_in("spoc", kPassword).status, 429);
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(browser().log_in("spoc", kPassword).status, 201);
}

// CSP IA-2(1), (2), (8): with a second factor the password alone opens nothing, and a code opens once.
class SecondFactor : public Session {
protected:
    SecondFactor() {
        write([&](Database& database) { return store::save_second_factor(database, "spoc", secret_, clock_.now()); });
        start();
    }
    HttpAnswer log_in(const std::string& code) {
        return browser().post("/api/v1/session", {{"name", "spoc"}, {"password", kPassword}, {"code", code}});
    }
    // What the person's app shows.
    std::string code_now() const {
        for (int number = 0; number < 1'000'000; ++number) {
            const auto digits = std::to_string(1'000'000 + number).substr(1);
            if (registers::verify_totp(secret_, digits, clock_.now(), 0)) return digits;
        }
        return {};
    }

    const Bytes secret_ = Bytes(20, 0x31);
};

TEST_F(SecondFactor, GivenThePasswordAloneWhenLoggingInThenTheCodeIsAskedForAndThereIsNoSession) {
    const auto answer = browser().log_in("spoc", kPassword);
    EXPECT_EQ(answer.status, 401);
    EXPECT_NE(answer.body.find("\"second_factor\""), std::string::npos);
    EXPECT_EQ(answer.header("Set-Cookie"), "");
    EXPECT_EQ(browser().log_in("auditor", kPassword).status, 201) << "who has none is not asked";
    EXPECT_EQ(browser().log_in("spoc", "not the password").body.find("second_factor"), std::string::npos);
}

TEST_F(SecondFactor, GivenTheRightCodeWhenUsedThenItOpensOnceAndTheNextStepsDoesAgain) {
    const auto code = code_now();
    EXPECT_EQ(log_in(code).status, 201);
    EXPECT_EQ(log_in(code).status, 401) << "replayed";
    clock_.advance(std::chrono::seconds(30));
    EXPECT_EQ(log_in(code).status, 401) << "still within the window, but used";
    EXPECT_EQ(log_in(code_now()).status, 201);
}

TEST_F(SecondFactor, GivenWrongCodesWhenGuessedThenTheAccountIsLockedAsForPasswords) {
    const auto right = code_now();
    const std::string wrong = right == "123456" ? "654321" : "123456";
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(log_in(wrong).status, 401);
    EXPECT_EQ(log_in(right).status, 401);
    EXPECT_EQ(browser().log_in("spoc", kPassword).body.find("second_factor"), std::string::npos) << "locked: it says no more";
}

}  // namespace
}  // namespace sallyport::testing
