// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "api_fixture.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RegisterApi : public ApiFixture {
protected:
    void SetUp() override { start(); }

    Record answer(std::string_view role, const std::string& path, int status = 200) {
        const auto response = logged_in(role).get("/api/v1/registers" + path);
        EXPECT_EQ(response.status, status) << role << " " << path << ": " << response.body;
        last_ = response.body;
        auto record = read_json_record(response.body, {.bytes_max = 1 << 20, .depth_max = 12, .fields_max = 100000});
        EXPECT_TRUE(record) << response.body;
        return record ? *record : Record();
    }
    void change(std::string_view table, std::string_view id, Record data, std::chrono::minutes ago) {
        store::RegisterEntry entry;
        entry.ori = "CA0190000";
        entry.register_name = table;
        entry.id = id;
        entry.valid_from = entry.recorded_at = clock_.now() - ago;
        entry.changed_by = "acc";
        entry.change_reason = "moved";
        entry.data = std::move(data);
        write([entry](Database& database) { return store::record_entry(database, entry); });
    }

    std::string last_;
};

TEST_F(RegisterApi, GivenAnyRegisterWhenTheAccListsItThenItAnswers) {
    const Record all = answer("acc", "");
    const auto& registers = *all.find("registers")->as<List>();
    EXPECT_EQ(registers.size(), 16u);
    for (const Value& each : registers) {
        const std::string name(text_of(*each.as<Record>(), "register"));
        EXPECT_EQ(text_of(answer("acc", "/" + name), "register"), name);
    }
}

TEST_F(RegisterApi, GivenAnEntryThatChangedThenItsHistoryAndAnEarlierStateAreThere) {
    change("sites", "S1", {{"site_id", "S1"}, {"site_name", "Renamed"}}, std::chrono::minutes(10));
    const Record entry = answer("spoc", "/sites/entry?id=S1");
    EXPECT_EQ(text_of(*entry.find("entry")->as<Record>()->find("data")->as<Record>(), "site_name"), "Renamed");
    const auto& history = *entry.find("history")->as<List>();
    ASSERT_EQ(history.size(), 3u);  // what was known, what is left of it, and the change
    EXPECT_EQ(text_of(*history[2].as<Record>(), "changed_by"), "acc");
    EXPECT_EQ(text_of(*history[2].as<Record>(), "change_reason"), "moved");
    const auto before = format_time(clock_.now() - std::chrono::minutes(30));
    answer("spoc", "/sites?as_of=" + before);
    EXPECT_THAT(last_, HasSubstr("Hall of Justice"));
    answer("spoc", "/sites?known_at=" + before);
    EXPECT_THAT(last_, HasSubstr("Hall of Justice"));
    answer("spoc", "/sites");
    EXPECT_THAT(last_, Not(HasSubstr("Hall of Justice")));
}

// Dictionary, sections 14 and 15.
TEST_F(RegisterApi, GivenOperatorsThenNamesAreForAccAndPsdWithAPurposeAndEachReadIsLogged) {
    change("operators", "OP-7", {{"operator_ref", "OP-7"}, {"display_name", "Dana Rivera"}, {"staff_id", "S-77"},
                                 {"os_accounts", List{"drivera"}}, {"clearance_result", "cleared"}, {"role", "FAO"}},
           std::chrono::minutes(10));
    for (const auto* role : {"spoc", "auditor", "acc", "psd_investigator"})
        for (const auto* path : {"/operators", "/operators/entry?id=OP-7"}) {
            answer(role, path);
            for (const auto* secret : {"Rivera", "S-77", "drivera", "clearance"})
                EXPECT_THAT(last_, Not(HasSubstr(secret))) << role;
            EXPECT_THAT(last_, HasSubstr("OP-7"));
            EXPECT_THAT(last_, HasSubstr("\"authorisation\":\"not_authorised\""));
        }
    EXPECT_TRUE(audit("operators", "OP-7").empty());

    answer("psd_investigator", "/operators/entry?id=OP-7&purpose=investigation");
    EXPECT_THAT(last_, HasSubstr("Dana Rivera"));
    EXPECT_THAT(last_, HasSubstr("clearance_result"));
    const auto read = audit("operators", "OP-7");
    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read.front().entry.action, "register.read");
    EXPECT_EQ(read.front().entry.purpose, "investigation");
    EXPECT_EQ(read.front().entry.actor, "psd_investigator");

    answer("psd_investigator", "/operators?purpose=review");  // names, but clearance a record at a time
    EXPECT_THAT(last_, HasSubstr("Dana Rivera"));
    EXPECT_THAT(last_, Not(HasSubstr("clearance")));
    answer("acc", "/operators?purpose=review");  // the own register
    EXPECT_THAT(last_, HasSubstr("clearance_result"));
    EXPECT_EQ(audit("operators", "*").size(), 2u);
}

TEST_F(RegisterApi, GivenAPurposeOfSomebodyWhoSeesNoNamesThenRefused) {
    answer("spoc", "/operators?purpose=review", 403);
    answer("auditor", "/operators/entry?id=OP-7&purpose=audit", 403);
    answer("acc", "/operators?purpose=curiosity", 400);
    EXPECT_TRUE(audit("operators", "*").empty());
}

TEST_F(RegisterApi, GivenThePsdOrTheAdministratorThenOnlyTheirRegistersAndRefusalsAreLogged) {
    answer("psd_investigator", "/terminals", 403);
    EXPECT_EQ(audit("registers", "terminals").size(), 1u);
    for (const auto* name : {"operators", "staff_roles", "agreements", "windows", "exceptions", "maintenance_log"})
        answer("administrator", std::string("/") + name, 403);
    change("terminals", "T-101", {{"terminal_id", "T-101"}, {"custodian", "OP-7"}, {"custody_note", "with Dana"},
                                  {"model", "M100"}}, std::chrono::minutes(10));
    answer("administrator", "/terminals/entry?id=T-101");
    EXPECT_THAT(last_, HasSubstr("M100"));
    EXPECT_THAT(last_, Not(HasSubstr("OP-7")));
    EXPECT_THAT(last_, Not(HasSubstr("Dana")));
}

TEST_F(RegisterApi, GivenALongRegisterThenItIsReadInPages) {
    const Record first = answer("spoc", "/terminals?limit=1");
    EXPECT_EQ(first.find("entries")->as<List>()->size(), 1u);
    EXPECT_EQ(text_of(first, "next"), "T-101");
    const Record second = answer("spoc", "/terminals?limit=1&after=T-101");
    EXPECT_EQ(text_of(*second.find("entries")->as<List>()->front().as<Record>(), "id"), "T-102");
    EXPECT_TRUE(second.find("next")->is_null());
}

TEST_F(RegisterApi, GivenAWrongQuestionThenItsPlaceIsNamed) {
    answer("spoc", "/nothing", 404);
    answer("spoc", "/sites/entry?id=S9", 404);
    answer("spoc", "/sites/entry", 400);
    answer("spoc", "/sites?as_of=yesterday", 400);
    answer("spoc", "/sites?limit=0", 400);
    answer("spoc", "/sites?colour=red", 400);
}

}  // namespace
}  // namespace sallyport::testing
