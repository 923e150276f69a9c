// SPDX-License-Identifier: Apache-2.0
//
// Dictionary, section 15: every role against every endpoint. Each refusal is logged.
#include <set>

#include "api_fixture.hpp"

namespace sallyport::testing {
namespace {

struct Wall {
    std::string method, path, pattern;
    std::set<std::string_view> may;
};

const Wall kWalls[] = {
    {"GET", "/api/v1/session", "", {"spoc", "psd_investigator", "acc", "auditor", "administrator"}},
    {"GET", "/api/v1/alerts", "/api/v1/alerts", {"spoc", "acc"}},
    {"POST", "/api/v1/alerts/a1/acknowledge", "/api/v1/alerts/*/acknowledge", {"spoc"}},
    {"POST", "/api/v1/alerts/a1/resolve", "/api/v1/alerts/*/resolve", {"spoc"}},
    {"GET", "/api/v1/counts", "/api/v1/counts", {"spoc", "psd_investigator"}},
    {"GET", "/api/v1/terminals", "/api/v1/terminals", {"spoc", "acc", "auditor", "administrator"}},
    {"GET", "/api/v1/terminals/T-101", "/api/v1/terminals/*", {"spoc", "acc", "auditor"}},
    {"GET", "/api/v1/terminals/T-101/coverage", "/api/v1/terminals/*/coverage", {"spoc", "acc", "auditor"}},
    {"GET", "/api/v1/enrolments", "/api/v1/enrolments", {"acc", "auditor", "administrator"}},
    {"POST", "/api/v1/enrolments/e1/approve", "/api/v1/enrolments/*/approve", {"acc", "administrator"}},
    {"POST", "/api/v1/enrolments/e1/refuse", "/api/v1/enrolments/*/refuse", {"acc", "administrator"}},
    {"GET", "/api/v1/incidents", "/api/v1/incidents", {"spoc", "psd_investigator"}},
    {"POST", "/api/v1/incidents", "/api/v1/incidents", {"spoc"}},
    {"POST", "/api/v1/incidents/i1/accept", "/api/v1/incidents/*/accept", {"spoc"}},
    {"POST", "/api/v1/incidents/i1/refer", "/api/v1/incidents/*/refer", {"spoc"}},
    {"POST", "/api/v1/incidents/i1/person", "/api/v1/incidents/*/person", {"psd_investigator"}},
    {"GET", "/api/v1/incidents/i1/evidence?purpose=test", "/api/v1/incidents/*/evidence", {"spoc", "psd_investigator", "auditor"}},
    {"GET", "/api/v1/registers", "", {"spoc", "psd_investigator", "acc", "auditor", "administrator"}},
    {"GET", "/api/v1/rules", "/api/v1/rules", {"spoc", "acc", "auditor", "administrator"}},
    {"GET", "/api/v1/evidence/inclusion?event=1", "/api/v1/evidence/inclusion", {"spoc", "psd_investigator", "acc", "auditor"}},
    {"GET", "/api/v1/evidence/tile/0/000", "/api/v1/evidence/tile/**", {"auditor"}},
    {"GET", "/api/v1/audit?object_type=alert&object_id=a1", "/api/v1/audit", {"auditor"}},
};

using RoleWalls = ApiFixture;

TEST_F(RoleWalls, GivenEachRoleWhenItAsksEachEndpointThenOnlyThePermittedOnesAnswerAndRefusalsAreLogged) {
    start();
    std::size_t refusals = 0;
    for (std::string_view role : kRoles) {
        auto client = logged_in(role);
        for (const auto& wall : kWalls) {
            const Record empty;
            const auto answer =
                client.request(wall.method, wall.path, wall.method == "POST" ? &empty : nullptr);
            const auto what = std::string(role) + " " + wall.method + " " + wall.path;
            if (wall.may.contains(role)) {
                EXPECT_EQ(answer.body.find("\"forbidden\""), std::string::npos) << what;
                continue;
            }
            EXPECT_EQ(answer.status, 403) << what;
            ++refusals;
        }
    }
    std::size_t logged = 0;
    std::set<std::string> seen;
    for (const auto& wall : kWalls)
        if (seen.insert(wall.method + wall.pattern).second)
            for (const auto& entry : audit("endpoint", wall.method + " " + wall.pattern))
                logged += entry.entry.action == "access.refused" && !entry.entry.success ? 1 : 0;
    EXPECT_EQ(logged, refusals);
}

TEST_F(RoleWalls, GivenNobodyLoggedInWhenAnyEndpointIsAskedThen401) {
    start();
    for (const auto& wall : kWalls) {
        const Record empty;
        EXPECT_EQ(browser().request(wall.method, wall.path, wall.method == "POST" ? &empty : nullptr).status,
                  401)
            << wall.path;
    }
    EXPECT_EQ(browser().get("/api/v1/stream").status, 401);
    EXPECT_EQ(browser().get("/api/v1/nothing").status, 404);
    EXPECT_EQ(browser().request("DELETE", "/api/v1/alerts").status, 405);
}

}  // namespace
}  // namespace sallyport::testing
