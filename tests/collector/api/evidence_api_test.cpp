// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "api_fixture.hpp"
#include "collector/evidence/evidence_log.hpp"
#include "collector/evidence/proof_file.hpp"
#include "protocol/json.hpp"

namespace sallyport::testing {
namespace {

using ::testing::HasSubstr;

class EvidenceApi : public ApiFixture {
protected:
    std::string sign() {
        auto database = *Database::open(folder_ / "store.db");
        auto head = evidence::sign_everything(database, "CA0190000", key_, known_, clock_.now(), evidence::HeadReason::exported);
        EXPECT_TRUE(head) << head.error().message();
        return head ? head->checkpoint : std::string();
    }

    SigningKey key_ = *SigningKey::generate();
    std::vector<PublicKey> known_{key_.public_key()};
};

TEST_F(EvidenceApi, GivenNoHeadYetWhenAskedThenThereIsNone) {
    start();
    EXPECT_EQ(browser().get("/api/v1/evidence/checkpoint").status, 404);
    add_event("ann");
    EXPECT_EQ(browser().get("/api/v1/evidence/checkpoint").status, 404);
}

TEST_F(EvidenceApi, GivenHeadsWhenAWitnessWithoutALogInAsksThenItGetsTheNewestAndTheProofOfItsGrowth) {
    start();
    for (int i = 0; i < 3; ++i)
        add_event("ann");
    sign();
    for (int i = 0; i < 4; ++i)
        add_event("ann");
    const std::string newest = sign();
    const auto head = browser().get("/api/v1/evidence/checkpoint?ori=CA0190000");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, newest);
    EXPECT_TRUE(evidence::open_checkpoint(head.body, known_));
    const auto grown = browser().get("/api/v1/evidence/consistency?from=3");
    EXPECT_EQ(grown.status, 200) << grown.body;
    const auto proven = evidence::check_proof(grown.body);
    EXPECT_TRUE(proven) << proven.error().message();
    EXPECT_EQ(browser().get("/api/v1/evidence/consistency?from=0").status, 400);
    EXPECT_EQ(browser().get("/api/v1/evidence/consistency?from=3&to=8").status, 400);
    EXPECT_EQ(browser().get("/api/v1/evidence/consistency?from=x").status, 400);
    EXPECT_EQ(browser().get("/api/v1/evidence/consistency?form=3").status, 400);
    EXPECT_EQ(browser().get("/api/v1/evidence/checkpoint?ori=CA0990000").status, 404);
}

TEST_F(EvidenceApi, GivenALineWhenItsProofIsAskedForThenItIsProvenOrSaidNotToBeCovered) {
    start();
    const auto covered = add_event("ann");
    sign();
    const auto later = add_event("ann");
    auto auditor = logged_in("auditor");
    const auto proof = auditor.get("/api/v1/evidence/inclusion?event=" + std::to_string(covered));
    EXPECT_EQ(proof.status, 200) << proof.body;
    EXPECT_TRUE(evidence::check_proof(proof.body));
    const auto none = auditor.get("/api/v1/evidence/inclusion?event=" + std::to_string(later));
    EXPECT_EQ(none.status, 404);
    EXPECT_THAT(none.body, HasSubstr("not_covered"));
    EXPECT_EQ(auditor.get("/api/v1/evidence/inclusion?event=1&size=99").status, 400);
    EXPECT_EQ(auditor.get("/api/v1/evidence/inclusion?event=9999").status, 404);
}

TEST_F(EvidenceApi, GivenTilesWhenAnAuditorMirrorsThemThenTheyAreThoseOfTheNewestHead) {
    start();
    for (int i = 0; i < 5; ++i)
        add_event("ann");
    sign();
    add_event("ann");
    auto auditor = logged_in("auditor");
    const auto tile = auditor.get("/api/v1/evidence/tile/0/000.p/5");
    EXPECT_EQ(tile.status, 200);
    EXPECT_EQ(tile.body.size(), 5U * 32);
    EXPECT_EQ(auditor.get("/api/v1/evidence/tile/0/000.p/6").status, 404) << "no head covers it";
    for (const char* path : {"0/000", "0/001.p/1", "1/000.p/1", "0/0.p/5", "0/x000/000.p/5", "0"})
        EXPECT_EQ(auditor.get("/api/v1/evidence/tile/" + std::string(path)).status, 404) << path;
}

}  // namespace
}  // namespace sallyport::testing
