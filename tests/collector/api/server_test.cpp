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
