// SPDX-License-Identifier: Apache-2.0
#include "collector/api/http.hpp"

#include <gtest/gtest.h>

namespace sallyport::api {
namespace {

Result<Request> target(std::string_view text) {
    Request request;
    auto read = read_target(text, request);
    return read ? Result<Request>(request) : Result<Request>(read.error());
}

Request with_body(std::string body, std::string type = "application/json") {
    Request request;
    request.body = std::move(body);
    request.content_type = std::move(type);
    return request;
}

TEST(Http, GivenATargetWithAQueryWhenReadThenPathAndFieldsAreDecoded) {
    const auto request = target("/api/v1/alerts?lane=queue&state=new%2Cacknowledged&terminal=T+1");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->path, "/api/v1/alerts");
    EXPECT_EQ(request->query.at("state"), "new,acknowledged");
    EXPECT_EQ(request->query.at("terminal"), "T 1");
}

TEST(Http, GivenTargetsThatAreNoPlainPathsWhenReadThenRefused) {
    for (const auto* text : {"", "alerts", "/../secret.txt", "/%2e%2e/secret.txt", "/a/..%2fb", "/a\\b",
                             "/%00", "/%zz", "/%4", "//host/path", "/a?x=1&x=2", "/a%0d%0aSet-Cookie:x"})
        EXPECT_FALSE(target(text)) << text;
}

TEST(Http, GivenSeveralCookiesWhenOneIsAskedForThenOnlyItsWholeNameFits) {
    EXPECT_EQ(cookie_value("a=1; __Host-sallyport=xyz; b=2", "__Host-sallyport"), "xyz");
    EXPECT_EQ(cookie_value("x__Host-sallyport=xyz", "__Host-sallyport"), std::nullopt);
    EXPECT_EQ(cookie_value("", "__Host-sallyport"), std::nullopt);
}

TEST(Http, GivenBadBodiesWhenReadThenTheErrorNamesThePlace) {
    const auto message = [](const Request& request) {
        auto body = read_body(request, {"name", "password"});
        return body ? std::string("accepted") : body.error().message();
    };
    EXPECT_NE(message(with_body("{\"name\":1")).find("body"), std::string::npos);
    EXPECT_NE(message(with_body("{\"name\":\"a\",\"name\":\"b\"}")).find("name"), std::string::npos);
    EXPECT_NE(message(with_body("{\"colour\":\"a\"}")).find("'colour'"), std::string::npos);
    EXPECT_NE(message(with_body("[]")).find("body"), std::string::npos);
    EXPECT_NE(message(with_body("{}", "text/plain")).find("Content-Type"), std::string::npos);
    EXPECT_EQ(message(with_body("{\"name\":\"a\"}")), "accepted");
}

TEST(Http, GivenAFieldOfAnotherKindOrSizeWhenTextIsWantedThenRefused) {
    const Record body{{"number", 1},
                      {"empty", ""},
                      {"long", std::string(65, 'x')},
                      {"bell", "a\ab"},
                      {"fine", "two\nlines"}};
    for (const auto* name : {"number", "empty", "long", "bell", "missing"})
        EXPECT_FALSE(text_field(body, name, 64)) << name;
    EXPECT_TRUE(text_field(body, "fine", 64));
}

TEST(Http, GivenAFailureOfOursWhenAnsweredThenItsReasonStaysInside) {
    const auto response = error_response(Error(Errc::io, "store: /var/lib/secret: disk full"));
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
    EXPECT_EQ(response.fault, "store: /var/lib/secret: disk full");
}

}  // namespace
}  // namespace sallyport::api
