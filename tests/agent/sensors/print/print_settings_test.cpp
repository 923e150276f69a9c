// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/print_settings.hpp"

#include <gtest/gtest.h>

namespace sallyport::agent {
namespace {

PrintSetting setting(std::string_view name, std::string_view conf, std::string_view files = "") {
    for (const auto& one : read_print_settings(conf, files))
        if (one.name == name) return one;
    return {};
}

TEST(PrintSettings, GivenNoDirectiveWhenReadThenCupsdsOwnDefaultsHold) {
    EXPECT_EQ(setting("print_history", ""), (PrintSetting{"print_history", "500", "yes"}));
    EXPECT_EQ(setting("print_files", ""), (PrintSetting{"print_files", "86400", "yes"}));
    EXPECT_EQ(setting("print_log", ""), (PrintSetting{"print_log", "on_with_titles", "no"}));
    EXPECT_EQ(setting("print_accounts", ""), (PrintSetting{"print_accounts", "hidden", "unknown"}));
}

TEST(PrintSettings, GivenAHistoryWhenItIsTooShortToFindJobsInThenItIsNotCompliant) {
    const auto is = [](std::string_view conf, std::string_view value, std::string_view compliant) {
        EXPECT_EQ(setting("print_history", conf), (PrintSetting{"print_history", std::string(value), compliant}))
            << conf;
    };
    is("PreserveJobHistory No\n", "off", "no");
    is("preservejobhistory off", "off", "no");
    is("PreserveJobHistory 0", "off", "no");
    is("PreserveJobHistory Yes\nMaxJobs 0", "0", "yes");
    is("MaxJobs 99", "99", "no");
    is("MaxJobs 100\nPreserveJobHistory 600", "100/600", "yes");
    is("PreserveJobHistory 599", "500/599", "no");
    is("MaxJobs many", "unknown", "unknown");
    is("MaxJobs 5 # a test\nMaxJobs 500", "500", "yes");
    is("#PreserveJobHistory No", "500", "yes");
}

TEST(PrintSettings, GivenPrintedDocumentsWhenTheyAreKeptLongerThanADayThenThatIsNotCompliant) {
    EXPECT_EQ(setting("print_files", "PreserveJobFiles No").value, "off");
    EXPECT_EQ(setting("print_files", "PreserveJobFiles Yes"), (PrintSetting{"print_files", "kept", "no"}));
    EXPECT_EQ(setting("print_files", "PreserveJobFiles 86401").compliant, "no");
    EXPECT_EQ(setting("print_files", "PreserveJobFiles 60").compliant, "yes");
}

TEST(PrintSettings, GivenAPageLogWhenItHoldsTitlesThenItIsNotCompliant) {
    EXPECT_EQ(setting("print_log", "PageLogFormat").value, "off") << "as Debian ships it";
    EXPECT_EQ(setting("print_log", "PageLogFormat %p %u %j %T %P %C"), (PrintSetting{"print_log", "on", "yes"}));
    EXPECT_EQ(setting("print_log", "PageLogFormat %p %{job-name}").value, "on_with_titles");
    EXPECT_EQ(setting("print_log", "", "PageLog\n").value, "off");
    EXPECT_EQ(setting("print_log", "", "PageLog /dev/null\n").value, "off");
    EXPECT_EQ(setting("print_log", "", "PageLog syslog\n").value, "on_with_titles");
}

TEST(PrintSettings, GivenPoliciesWhenAnyHidesAccountsThenTheyAreHidden) {
    constexpr std::string_view kShown =
        "<Policy default>\n  JobPrivateValues job-name job-originating-host-name\n</Policy>\n";
    EXPECT_EQ(setting("print_accounts", kShown), (PrintSetting{"print_accounts", "shown", "yes"}));
    EXPECT_EQ(setting("print_accounts", std::string(kShown) + "<Policy kerberos>\n</Policy>\n").value, "hidden");
    EXPECT_EQ(setting("print_accounts", "<Policy default>\nJobPrivateAccess all\n</Policy>").value, "shown");
    EXPECT_EQ(setting("print_accounts", "JobPrivateValues none\n<Policy default>\n</Policy>").value, "hidden");
}

}  // namespace
}  // namespace sallyport::agent
