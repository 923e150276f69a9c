// SPDX-License-Identifier: Apache-2.0
#include "api_fixture.hpp"
#include "collector/api/rule_handlers.hpp"
#include "collector/api/terminal_board.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/json.hpp"
#include "rules/engine/rule_files.hpp"

namespace sallyport::testing {
namespace {

class RuleApi : public ApiFixture {
protected:
    // How the rule stands at the site, as `state by whom`.
    std::string standing(std::string_view site) {
        EXPECT_TRUE(board_.refresh(reader_, clock_.now()));
        api::Context context{services_, reader_, board_, strangers_, {}, api::kSpoc};
        const auto answer = read_json_record(api::list_rules({}, context).body, {1 << 20, 16, 10'000});
        const Record& rule = *answer->find("rules")->as<List>()->front().as<Record>();
        for (const Value& item : *rule.find("sites")->as<List>())
            if (const Record& at = *item.as<Record>(); text_of(at, "site_id") == site)
                return std::string(text_of(at, "state")) + " " + std::string(text_of(at, "changed_by"));
        return "not told";
    }
    void set(std::string_view site, const std::string& state) {
        write([&](Database& database) {
            return store::save_rule_site(database, {"", std::string(site), state, {}, "ann", "ready", clock_.now()});
        });
    }

    std::shared_ptr<const rules::RuleSet> rules_ = *rules::load_rules(
        {{"gov.yml", "title: A rule is switched off\nlogsource: {product: sallyport, category: rule}\n"
                     "detection: {s: {action: observe}, condition: s}\nsallyport: {catalogue: GOV-09, summary: s}\n"}});
    api::Services services_{*writer_, clock_, live_, [this] { return rules_; }};
    Database reader_ = *writer_->reader();
    api::TerminalBoard board_;
    api::StrangersLimits strangers_;
};

TEST_F(RuleApi, GivenRulesWhenListedThenHowTheyStandAtEachSiteAndForTheAgency) {
    EXPECT_EQ(standing(""), "observe ");
    set(store::kOfNoSite, "live");
    EXPECT_EQ(standing(""), "live ann") << "of no site";
    EXPECT_EQ(standing("S1"), "observe ") << "no site goes live by that";
    set("S1", "live");
    EXPECT_EQ(standing("S1"), "live ann");
}

}  // namespace
}  // namespace sallyport::testing
