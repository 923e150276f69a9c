// SPDX-License-Identifier: Apache-2.0
//
// What stands before the handlers: TLS, limits, slow and broken clients, the console's files.
#include <openssl/ssl.h>

#include <fstream>

#include "api_fixture.hpp"

namespace sallyport::testing {
namespace {

using Server = ApiFixture;

TEST_F(Server, GivenOldTlsWhenAClientConnectsThenTheHandshakeFails) {
    start();
    EXPECT_FALSE(TlsConnection(server_->port(), TLS1_1_VERSION).is_open());
    EXPECT_TRUE(TlsConnection(server_->port(), TLS1_2_VERSION).is_open());
    EXPECT_TRUE(TlsConnection(server_->port(), TLS1_3_VERSION).is_open());
}

// CSP SC-13: AES-GCM on the curves of NIST; what else OpenSSL could do is not agreed on.
TEST_F(Server, GivenSuitesAndCurvesWhenAClientOffersThemThenOnlyApprovedOnesAreTaken) {
    start();
    for (const char* approved : {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"})
        EXPECT_TRUE(TlsConnection(server_->port(), TLS1_2_VERSION, approved).is_open()) << approved;
    for (const char* other : {"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-SHA",
                              "NULL-SHA256", "ADH-AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"})
        EXPECT_FALSE(TlsConnection(server_->port(), TLS1_2_VERSION, other).is_open()) << other;
    for (const char* approved : {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"})
        EXPECT_TRUE(TlsConnection(server_->port(), TLS1_3_VERSION, approved).is_open()) << approved;
    for (const char* other : {"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"})
        EXPECT_FALSE(TlsConnection(server_->port(), TLS1_3_VERSION, other).is_open()) << other;
    EXPECT_TRUE(TlsConnection(server_->port(), TLS1_3_VERSION, "", "P-256").is_open());
    EXPECT_FALSE(TlsConnection(server_->port(), TLS1_3_VERSION, "", "X25519").is_open());
}

TEST_F(Server, GivenTheConsoleWhenFetchedThenEveryAnswerCarriesTheSafetyHeaders) {
    start();
    for (const auto* path : {"/", "/assets/app.js", "/nowhere", "/api/v1/session"}) {
        const auto answer = browser().get(path);
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff") << path;
        EXPECT_EQ(answer.header("X-Frame-Options"), "DENY") << path;
        const auto policy = answer.header("Content-Security-Policy");
        EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << path;
        EXPECT_EQ(policy.find("unsafe-inline"), std::string::npos) << path;
    }
    EXPECT_EQ(browser().get("/").status, 200);
    EXPECT_EQ(browser().get("/assets/app.js").header("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(browser().get("/api/v1/session").header("Cache-Control"), "no-store");
}

TEST_F(Server, GivenPathsOutOfTheConsoleWhenFetchedThenNothingIsServed) {
    start();
    for (const auto* path :
         {"/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/assets/../../secret.txt",
          "/./../secret.txt", "//secret.txt", "/secret.txt", "/..\\secret.txt"}) {
        const auto answer = browser().get(path);
        EXPECT_TRUE(answer.status == 400 || answer.status == 404) << path << ": " << answer.status;
        EXPECT_EQ(answer.body.find("not for everybody"), std::string::npos) << path;
    }
}

TEST_F(Server, GivenAnOversizedBodyWhenSentThenItIsRefusedWithItsPlace) {
    start();
    const auto answer =
        browser().post("/api/v1/session", {{"name", "spoc"}, {"password", std::string(100'000, 'x')}});
    EXPECT_EQ(answer.status, 413);
    EXPECT_NE(answer.body.find("\"place\":\"body\""), std::string::npos);
}

TEST_F(Server, GivenAnOversizedHeaderWhenSentThenItIsRefusedWithItsPlace) {
    start();
    auto client = browser();
    client.headers["X-Long"] = std::string(20'000, 'x');
    const auto answer = client.get("/");
    EXPECT_EQ(answer.status, 431);
    EXPECT_NE(answer.body.find("\"place\":\"header\""), std::string::npos);
}

TEST_F(Server, GivenWhatIsNoHttpWhenSentThenA400IsAnsweredAndTheConnectionClosed) {
    start();
    for (const auto* text :
         {"HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nBad Header\r\n\r\n",
          "POST /api/v1/session HTTP/1.1\r\nContent-Length: -1\r\n\r\n"}) {
        TlsConnection connection(server_->port());
        connection.send(text);
        EXPECT_EQ(connection.read_answer().status, 400) << text;
        EXPECT_TRUE(connection.is_closed_within(kSoon)) << text;
    }
}

TEST_F(Server, GivenTwoHostHeadersWhenSentThenRefused) {
    start();
    TlsConnection connection(server_->port());
    const auto host = "Host: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n";
    connection.send("GET / HTTP/1.1\r\n" + host + host + "\r\n");
    EXPECT_EQ(connection.read_answer().status, 400);
}

TEST_F(Server, GivenAForeignHostOrOriginWhenAskedThenRefused) {
    start();
    auto client = logged_in("spoc");
    client.headers["Host"] = "evil.example";
    EXPECT_EQ(client.get("/api/v1/session").status, 421);
    client.headers.erase("Host");
    client.headers["Origin"] = "https://evil.example";
    EXPECT_EQ(client.get("/api/v1/session").status, 403);
    client.headers["Origin"] = "https://127.0.0.1:" + std::to_string(server_->port());
    EXPECT_EQ(client.get("/api/v1/session").status, 200);
}

TEST_F(Server, GivenAClientThatNeverFinishesItsRequestWhenTheTimeIsOverThenItIsCutOffAndOthersAreServed) {
    start([](api::ServerOptions& options) { options.request_within = std::chrono::milliseconds(300); });
    TlsConnection slow(server_->port());
    slow.send("GET / HTTP/1.1\r\nHost: 127.");
    EXPECT_EQ(browser().get("/").status, 200);
    EXPECT_TRUE(slow.is_closed_within(kSoon));
}

TEST_F(Server, GivenAClientThatDribblesItsBodyWhenTheTimeIsOverThenItIsCutOff) {
    start([](api::ServerOptions& options) { options.request_within = std::chrono::milliseconds(500); });
    TlsConnection slow(server_->port());
    slow.send("POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_->port()) +
              "\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n");
    // Each byte in time, the whole not: the limit is the request's, not the pause's.
    const auto begun = std::chrono::steady_clock::now();
    while (!slow.is_closed_within(std::chrono::milliseconds(100)) && std::chrono::steady_clock::now() - begun < kSoon)
        slow.send("x");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, kSoon);
}

TEST_F(Server, GivenABodyWithoutAnEndWhenItGrowsTooLargeThenItIsRefused) {
    start();
    TlsConnection endless(server_->port());
    endless.send("POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_->port()) +
                 "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int chunk = 0; chunk < 20; ++chunk)
        endless.send("1000\r\n" + std::string(4096, 'x') + "\r\n");
    EXPECT_EQ(endless.read_answer().status, 413);
}

TEST_F(Server, GivenLengthAndChunksAtOnceWhenSentThenItIsNotTakenForTwoRequests) {
    start();
    TlsConnection smuggler(server_->port());
    const auto host = "Host: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n";
    smuggler.send("POST /api/v1/session HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  "0\r\n\r\nGET /api/v1/nothing HTTP/1.1\r\n" + host + "\r\n");
    EXPECT_EQ(smuggler.read_answer().status, 400);
    EXPECT_TRUE(smuggler.is_closed_within(kSoon));
}

TEST_F(Server, GivenManyConnectionsFromOneAddressWhenOneMoreComesThenItIsClosedAndAnEarlierOneGoesOn) {
    start([](api::ServerOptions& options) { options.connections_per_address_max = 3; });
    std::vector<std::unique_ptr<TlsConnection>> held;
    for (int i = 0; i < 3; ++i)
        held.push_back(std::make_unique<TlsConnection>(server_->port()));
    EXPECT_FALSE(TlsConnection(server_->port()).is_open());
    held.front()->send("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n\r\n");
    EXPECT_EQ(held.front()->read_answer().status, 200);
    held.clear();
    const auto deadline = std::chrono::steady_clock::now() + kSoon;
    while (!TlsConnection(server_->port()).is_open() && std::chrono::steady_clock::now() < deadline) {
    }
    EXPECT_EQ(browser().get("/").status, 200) << "those that ended count no longer";
}

TEST_F(Server, GivenManyRequestsFromOneAddressWhenAMinuteIsFullThenTheRestIsRefusedUntilTheNext) {
    start();
    TlsConnection busy(server_->port());
    const auto request = "GET /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n\r\n";
    const auto ask = [&] {
        busy.send(request);
        return busy.read_answer();
    };
    for (int i = 0; i < 3'000; ++i)
        ASSERT_EQ(ask().status, 401) << i;
    const auto refused = ask();
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "60");
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(ask().status, 401);
}

TEST_F(Server, GivenOneConnectionWhenItAsksTwiceThenBothAreAnswered) {
    start();
    TlsConnection connection(server_->port());
    const auto request = "GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server_->port()) + "\r\n\r\n";
    for (int i = 0; i < 2; ++i) {
        connection.send(request);
        EXPECT_EQ(connection.read_answer().status, 200);
    }
}

TEST_F(Server, GivenManyClientsAtOnceWhenStoppedThenItStopsInOrder) {
    start();
    std::vector<std::unique_ptr<TlsConnection>> connections;
    for (int i = 0; i < 20; ++i)
        connections.push_back(logged_in(kRoles[static_cast<std::size_t>(i) % 5]).open_stream());
    for (auto& connection : connections)
        EXPECT_NE(connection->read_until("event: hello", kSoon).find("200 OK"), std::string::npos);
    server_->stop();
    server_->stop();
}

TEST_F(Server, GivenAConsoleFolderWithoutAPageWhenStartedThenTheErrorNamesIt) {
    std::filesystem::remove(folder_ / "console" / "index.html");
    try {
        start();
        FAIL() << "started";
    } catch (const std::exception& failure) {
        EXPECT_NE(std::string(failure.what()).find((folder_ / "console").string()), std::string::npos);
    }
}

TEST_F(Server, GivenABrokenCertificateWhenStartedThenTheErrorNamesIt) {
    const auto start_with_bad_file = [&] {
        start([&](api::ServerOptions& options) {
            std::ofstream(folder_ / "bad.crt") << "no certificate";
            options.certificate = folder_ / "bad.crt";
        });
    };
    try {
        start_with_bad_file();
        FAIL() << "started";
    } catch (const std::exception& failure) {
        EXPECT_NE(std::string(failure.what()).find("bad.crt"), std::string::npos);
    }
}

}  // namespace
}  // namespace sallyport::testing
