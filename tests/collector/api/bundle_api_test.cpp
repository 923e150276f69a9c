// SPDX-License-Identifier: Apache-2.0
//
// Who gets which bundle of which incident, and what is logged of it. What is in a bundle: tests/collector/evidence/bundle.
#include "api_fixture.hpp"
#include "collector/evidence/bundle/bundle.hpp"

namespace sallyport::testing {
namespace {

class BundleApi : public ApiFixture {
protected:
    BundleApi() {
        bundle_ = [this](Database&, std::string_view, const evidence::BundleOrder& order) -> Result<evidence::Bundle> {
            orders_.push_back(order);
            evidence::Bundle bundle;
            bundle.manifest.form = order.form;
            bundle.manifest.incident_number = "2026-0001";
            bundle.file = std::string(size_, 'b');
            return bundle;
        };
        start();
    }
    void add_incident(std::string_view id, std::string_view status, bool referred) {
        store::Incident incident;
        incident.incident_id = incident.number = id;
        incident.ori = "CA0010000";
        incident.kind = "media";
        incident.severity = "high";
        incident.status = status;
        incident.discovered_at = clock_.now();
        if (referred) incident.referred_at = clock_.now();
        write([&](Database& database) { return store::insert_incident(database, incident); });
    }
    HttpAnswer ask(std::string_view role, std::string_view incident, std::string_view query = "purpose=audit") {
        return logged_in(role).get("/api/v1/incidents/" + std::string(incident) + "/evidence?" + std::string(query));
    }

    std::size_t size_ = 1000;
    std::vector<evidence::BundleOrder> orders_;
};

TEST_F(BundleApi, GivenTheRolesWhenTheyAskThenEachGetsWhatItMaySee) {
    add_incident("proposed", "proposed", false);
    add_incident("open", "open", false);
    add_incident("referred", "open", true);
    for (const auto* incident : {"proposed", "open", "referred"})
        EXPECT_EQ(ask("spoc", incident).status, 200) << incident;
    EXPECT_EQ(ask("auditor", "proposed").status, 403);
    EXPECT_EQ(ask("auditor", "open").status, 200);
    EXPECT_EQ(ask("psd_investigator", "open").status, 403);
    EXPECT_EQ(ask("psd_investigator", "open").body, ask("psd_investigator", "missing").body);
    EXPECT_EQ(ask("psd_investigator", "referred").status, 200);
    EXPECT_EQ(ask("acc", "open").status, 403);
    EXPECT_EQ(ask("administrator", "open").status, 403);
    EXPECT_EQ(ask("spoc", "missing").status, 404);
}

TEST_F(BundleApi, GivenTheFullFormWhenAskedForThenThePsdAloneGetsIt) {
    add_incident("i1", "open", true);
    EXPECT_EQ(ask("spoc", "i1", "purpose=audit&form=full").status, 403);
    EXPECT_EQ(ask("auditor", "i1", "purpose=audit&form=full").status, 403);
    EXPECT_EQ(ask("psd_investigator", "i1", "purpose=investigation&form=full").status, 200);
    ASSERT_EQ(orders_.size(), 1U);
    EXPECT_EQ(orders_[0].form, evidence::BundleForm::full);
    EXPECT_EQ(orders_[0].role, "psd_investigator");
    EXPECT_EQ(ask("psd_investigator", "i1").status, 200);
    EXPECT_EQ(orders_[1].form, evidence::BundleForm::redacted);
}

TEST_F(BundleApi, GivenNoPurposeOrAnUnknownOneWhenAskedThenItIsABadRequest) {
    add_incident("i1", "open", true);
    EXPECT_EQ(ask("spoc", "i1", "form=redacted").status, 400);
    EXPECT_EQ(ask("spoc", "i1", "purpose=curiosity").status, 400);
    EXPECT_EQ(ask("spoc", "i1", "purpose=audit&form=short").status, 400);
    EXPECT_EQ(ask("spoc", "i1", "purpose=audit&more=1").status, 400);
    EXPECT_TRUE(orders_.empty());
}

TEST_F(BundleApi, GivenABundleWhenHandedOutThenItIsAFileAndPurposeAndHashAreLogged) {
    add_incident("i1", "open", true);
    const auto answer = ask("auditor", "i1");
    EXPECT_EQ(answer.body, std::string(1000, 'b'));
    EXPECT_EQ(answer.header("Content-Type"), "application/x-tar");
    EXPECT_EQ(answer.header("Content-Disposition"), "attachment; filename=\"incident-2026-0001.tar\"");
    const auto entries = audit("incident", "i1");
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].entry.action, "evidence.export");
    EXPECT_EQ(entries[0].entry.purpose, "audit");
    EXPECT_NE(entries[0].entry.detail.find(to_hex(sha256(bytes_of(answer.body)))), std::string::npos);
}

TEST_F(BundleApi, GivenABundleThatIsTooLargeForAPageWhenAskedThenItSaysWhatMakesIt) {
    add_incident("i1", "open", true);
    size_ = 64U * 1024 * 1024 + 1;
    const auto answer = ask("spoc", "i1");
    EXPECT_EQ(answer.status, 413);
    EXPECT_NE(answer.body.find("sallyportctl evidence export"), std::string::npos);
    EXPECT_TRUE(audit("incident", "i1").empty());
}

}  // namespace
}  // namespace sallyport::testing
