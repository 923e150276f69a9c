// SPDX-License-Identifier: Apache-2.0
//
// The router's own table, walked as a whole against the real server: whoever adds a route adds it to these tests, too. What
// dictionary section 15 forbids a role is forbidden under every path of that kind, those of tomorrow included.
#include <algorithm>

#include "api_fixture.hpp"
#include "collector/api/router.hpp"

namespace sallyport::testing {
namespace {

using api::RoutePolicy;
using RoutePolicies = ApiFixture;

// What anybody may ask: to log in, to be enrolled, and what is published anyway (the heads of the evidence log, the authority).
constexpr std::string_view kPublic[] = {"POST /api/v1/session",     "POST /api/v1/enrolments", "GET /api/v1/enrolments/*",
                                        "POST /api/v1/renewals",    "GET /api/v1/authority",   "GET /api/v1/evidence/checkpoint",
                                        "GET /api/v1/evidence/consistency"};

std::string name_of(const RoutePolicy& route) { return std::string(route.method) + " " + std::string(route.pattern); }

std::string path_of(const RoutePolicy& route) {
    std::string path(route.pattern);
    if (const auto star = path.find('*'); star != std::string::npos) path.replace(star, path.ends_with("**") ? 2 : 1, "x1");
    return path;
}

bool is_write(const RoutePolicy& route) { return route.method != "GET"; }
bool ends_the_session(const RoutePolicy& route) { return name_of(route) == "DELETE /api/v1/session"; }
bool is_beneath(const RoutePolicy& route, std::string_view path) { return route.pattern.starts_with(path); }

std::vector<std::string_view> roles_of(const RoutePolicy& route, bool permitted) {
    std::vector<std::string_view> roles;
    for (const auto role : kRoles)
        if (((route.roles & api::parse_role(role)) != 0) == permitted) roles.push_back(role);
    return roles;
}

HttpAnswer ask(HttpsClient& client, const RoutePolicy& route) {
    const Record empty;
    return client.request(std::string(route.method), path_of(route), is_write(route) ? &empty : nullptr);
}

TEST_F(RoutePolicies, GivenTheTableWhenReadThenOnlyWhatIsForAnybodyNeedsNoSession) {
    for (const auto& route : api::route_policies()) {
        const auto name = name_of(route);
        const bool is_public = std::find(std::begin(kPublic), std::end(kPublic), name) != std::end(kPublic);
        EXPECT_TRUE(route.roles != api::kNobody || is_public) << name;
    }
}

TEST_F(RoutePolicies, GivenTheTableWhenReadThenNoRoleMayWhatTheDictionaryForbidsIt) {
    for (const auto& route : api::route_policies()) {
        const auto name = name_of(route);
        const auto forbid = [&](unsigned role, bool condition, const char* why) {
            EXPECT_FALSE(condition && route.roles != api::kNobody && (route.roles & role) != 0) << name << ": " << why;
        };
        const bool own_session = is_beneath(route, "/api/v1/session");
        forbid(api::kAuditor, is_write(route) && !own_session, "an auditor changes nothing");
        forbid(api::kSpoc, is_beneath(route, "/api/v1/cases"), "the SPOC sees no cases");
        forbid(api::kSpoc, route.pattern.ends_with("/person"), "the SPOC resolves no names");
        forbid(api::kAcc, is_beneath(route, "/api/v1/cases") || is_beneath(route, "/api/v1/incidents"), "the ACC sees no cases");
        forbid(api::kPsd, is_write(route) && (is_beneath(route, "/api/v1/registers") || is_beneath(route, "/api/v1/rules")),
               "the PSD changes no registers and no rules");
        forbid(api::kAdministrator,
               is_beneath(route, "/api/v1/alerts") || is_beneath(route, "/api/v1/incidents") || is_beneath(route, "/api/v1/cases") ||
                   is_beneath(route, "/api/v1/audit") || is_beneath(route, "/api/v1/terminals/*"),
               "an administrator reads nothing of people");
    }
}

TEST_F(RoutePolicies, GivenNobodyLoggedInWhenEachRouteIsAskedThen401) {
    start();
    auto stranger = browser();
    for (const auto& route : api::route_policies())
        if (route.roles != api::kNobody) {
            EXPECT_EQ(ask(stranger, route).status, 401) << name_of(route);
        }
}

TEST_F(RoutePolicies, GivenAMadeUpOrSwappedSessionWhenEachRouteIsAskedThen401) {
    start();
    const auto good = logged_in("spoc").cookie();
    const std::vector<std::string> cookies = {"__Host-sallyport=" + std::string(64, '0'),
                                              "__Host-sallyport=",
                                              "__Host-sallyport=' OR 1=1 --",
                                              "sallyport=" + good.substr(good.find('=') + 1),
                                              good + "0",
                                              good.substr(0, good.size() - 1)};
    for (const std::string& cookie : cookies) {
        auto forger = browser();
        forger.set_session(cookie, std::string(64, '0'));
        for (const auto& route : api::route_policies())
            if (route.roles != api::kNobody) {
                EXPECT_EQ(ask(forger, route).status, 401) << name_of(route) << " " << cookie;
            }
    }
}

TEST_F(RoutePolicies, GivenARoleThatMayNotWhenEachRouteIsAskedThen403AndThatIsLogged) {
    start();
    for (const auto& route : api::route_policies()) {
        if (route.roles == api::kNobody) continue;
        const auto refused = roles_of(route, false);
        for (const auto role : refused) {
            auto client = logged_in(role);
            const auto answer = ask(client, route);
            EXPECT_EQ(answer.status, 403) << role << " " << name_of(route);
            EXPECT_NE(answer.body.find("\"forbidden\""), std::string::npos) << role << " " << name_of(route);
        }
        EXPECT_EQ(audit("endpoint", name_of(route)).size(), refused.size()) << name_of(route);
    }
}

TEST_F(RoutePolicies, GivenARoleThatMayWhenAWriteLacksTheSessionsTokenThen403) {
    start();
    for (const auto& route : api::route_policies()) {
        if (!is_write(route) || route.roles == api::kNobody) continue;
        for (const auto role : roles_of(route, true)) {
            auto client = logged_in(role);
            for (const std::string& token : {std::string(), std::string(64, '0'), std::string("x")}) {
                client.headers["X-CSRF-Token"] = token;
                const auto answer = ask(client, route);
                EXPECT_EQ(answer.status, 403) << role << " " << name_of(route);
                EXPECT_NE(answer.body.find("\"csrf\""), std::string::npos) << role << " " << name_of(route);
            }
            client.headers.clear();
            if (!ends_the_session(route)) {
                EXPECT_EQ(ask(client, route).body.find("\"csrf\""), std::string::npos) << name_of(route);
            }
        }
    }
}

// A token of one session is none in another one's.
TEST_F(RoutePolicies, GivenAnothersTokenWhenAWriteIsSentThen403) {
    start();
    add_alert("a1");
    auto mine = logged_in("spoc");
    auto thief = logged_in("spoc");
    const auto stolen = mine.csrf_token();
    thief.headers["X-CSRF-Token"] = stolen;
    EXPECT_EQ(thief.post("/api/v1/alerts/a1/acknowledge", {}).status, 403);
    thief.headers.clear();
    EXPECT_EQ(thief.post("/api/v1/alerts/a1/acknowledge", {}).status, 200);
}

}  // namespace
}  // namespace sallyport::testing
