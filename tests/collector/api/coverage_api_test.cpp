// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "api_fixture.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;

class CoverageApi : public ApiFixture {
protected:
    std::string path(std::string_view terminal, WallTime from, WallTime to) {
        return "/api/v1/terminals/" + std::string(terminal) + "/coverage?from=" + format_time(from) + "&to=" + format_time(to);
    }
};

TEST_F(CoverageApi, GivenAnHourBetweenTwoLinesWhenAskedThenItWasMonitoredAndNothingIsMissing) {
    add_event("mary.smith");
    const WallTime begin = clock_.now();
    clock_.advance(std::chrono::hours(2));
    add_event("mary.smith");
    clock_.advance(std::chrono::minutes(1));
    start();
    auto client = logged_in("auditor");
    const auto answer = client.get(path("T-101", begin + std::chrono::minutes(10), begin + std::chrono::minutes(70)));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(std::string(text_of(answer.json(), "statement")), HasSubstr("monitored, nothing missing"));
    EXPECT_EQ(integer_of(answer.json(), "missing_count", -1), 0);
}

TEST_F(CoverageApi, GivenAWrongSpanOrTerminalWhenAskedThenTheAnswerSaysWhy) {
    start();
    auto client = logged_in("spoc");
    const WallTime now = clock_.now();
    EXPECT_EQ(client.get("/api/v1/terminals/T-101/coverage").status, 400);
    EXPECT_EQ(client.get("/api/v1/terminals/T-101/coverage?from=yesterday&to=today").status, 400);
    EXPECT_EQ(client.get(path("T-101", now, now - std::chrono::hours(1))).status, 400);
    EXPECT_EQ(client.get(path("T-none", now - std::chrono::hours(1), now)).status, 404);
}

}  // namespace
}  // namespace sallyport::testing
