// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/evidence_log.hpp"

#include "collector/evidence/head_signer.hpp"
#include "tests/collector/evidence/log_fixture.hpp"

namespace sallyport::testing {
namespace {

using namespace evidence;
using ::testing::StartsWith;

class EvidenceLog : public LogFixture {
protected:
    std::vector<PublicKey> known_{log_key_.public_key()};
    Result<store::SignedHead> try_to_sign() {
        auto transaction = *database_.begin();
        return sign_head(database_, kOri, log_key_, known_, clock_.now(), HeadReason::interval);
    }
};

TEST_F(EvidenceLog, GivenLinesWhenSignedThenTheHeadCoversThemAllAndOpensUnderTheKey) {
    add_batch(300);
    const auto head = sign();
    EXPECT_EQ(head.size, 300U);
    const auto opened = open_checkpoint(head.checkpoint, known_);
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->origin, "sallyport/CA0300000/1");
    EXPECT_EQ(opened->root, head.root);
    EXPECT_EQ(opened->signed_at, clock_.now());
}

TEST_F(EvidenceLog, GivenAnyLineAndAnyKeptHeadThenItIsProvenOrSaidNotToBeCovered) {
    std::vector<store::SignedHead> heads;
    for (const std::size_t count : {1, 2, 254, 1, 40}) {
        add_batch(count);
        heads.push_back(sign());
    }
    for (const auto& head : heads)
        for (const auto& event : events()) {
            const auto proven = prove_line(database_, tree(), event.ingest_id, head.size);
            if (static_cast<std::uint64_t>(event.ingest_id) > head.size) {
                EXPECT_EQ(proven.error().code(), Errc::refused);
                EXPECT_THAT(proven.error().message(), ::testing::HasSubstr("not covered"));
                continue;
            }
            ASSERT_TRUE(proven) << proven.error().message();
            EXPECT_EQ(proven->root, head.root);
            EXPECT_TRUE(verify_inclusion(proven->proof, head.root));
        }
    EXPECT_EQ(prove_line(database_, tree(), 9'999, heads.back().size).error().code(), Errc::not_found);
    for (std::size_t from = 0; from < heads.size(); ++from)
        for (std::size_t to = from; to < heads.size(); ++to) {
            const auto grown = prove_growth(database_, tree(), heads[from].size, heads[to].size);
            ASSERT_TRUE(grown) << grown.error().message();
            EXPECT_TRUE(verify_consistency(grown->proof, heads[from].root, heads[to].root));
        }
    EXPECT_FALSE(prove_growth(database_, tree(), 1, 299));
}

TEST_F(EvidenceLog, GivenADeletedLineThenItsProofStillHolds) {
    add_batch(5);
    const auto head = sign();
    sql("UPDATE event SET line = NULL, withheld_reason = 'expired' WHERE ingest_id = 3");
    const auto proven = prove_line(database_, tree(), 3, head.size);
    ASSERT_TRUE(proven) << proven.error().message();
    EXPECT_TRUE(verify_inclusion(proven->proof, head.root));
}

TEST_F(EvidenceLog, GivenALeafThatIsNotTheTreesThenNoProofIsGiven) {
    add_batch(5);
    const auto head = sign();
    sql("UPDATE event SET leaf = zeroblob(32) WHERE ingest_id = 3");
    EXPECT_EQ(prove_line(database_, tree(), 3, head.size).error().code(), Errc::corrupt);
}

TEST_F(EvidenceLog, GivenAQuietLogThenTheHeadIsRenewedAndItsFirstTimeIsKept) {
    add_batch(5);
    const auto first = sign(HeadReason::interval);
    clock_.advance(std::chrono::minutes(1));
    sign(HeadReason::interval);
    EXPECT_EQ(number("SELECT COUNT(*) FROM evidence_head"), 1);
    const auto kept = **store::latest_signed_head(database_, tree().tree_id);
    EXPECT_EQ(kept.checkpoint, first.checkpoint);
    EXPECT_EQ(kept.renewed_at, clock_.now());
    EXPECT_EQ(open_checkpoint(kept.newest(), known_)->signed_at, clock_.now());
    sign(HeadReason::conversion);
    EXPECT_EQ(number("SELECT COUNT(*) FROM evidence_head"), 2) << "a conversion has a head of its own";
}

TEST_F(EvidenceLog, GivenATreeThatDoesNotLeadOnThenNothingIsSigned) {
    add_batch(300);
    sign();
    add_batch(5);
    grow();
    const auto fails = [&](const std::string& damage) {
        sql("SAVEPOINT damage");
        sql(damage);
        auto head = sign_head(database_, kOri, log_key_, known_, clock_.now(), HeadReason::interval);
        sql("ROLLBACK TO damage");
        sql("RELEASE damage");
        return !head && head.error().code() == Errc::corrupt;
    };
    EXPECT_TRUE(fails("UPDATE evidence_tile SET hashes = zeroblob(32) WHERE level = 1"));
    EXPECT_TRUE(fails("UPDATE evidence_head SET root = zeroblob(32)"));
    EXPECT_TRUE(fails("UPDATE evidence_head SET size = 299"));
    EXPECT_TRUE(fails("UPDATE evidence_tree SET size = 299"));
    EXPECT_TRUE(fails("UPDATE evidence_head SET checkpoint = replace(checkpoint, '300', '301')"));
    EXPECT_TRUE(fails("DELETE FROM evidence_tile WHERE level = 0 AND tile = 1"));
    EXPECT_TRUE(try_to_sign());
}

TEST_F(EvidenceLog, GivenARotatedKeyThenTheLogGoesOnUnderTheNewOne) {
    add_batch(3);
    sign();
    const SigningKey next = *SigningKey::generate();
    const std::vector<PublicKey> only_new{next.public_key()};
    EXPECT_FALSE(sign_everything(database_, kOri, next, only_new, clock_.now(), HeadReason::start));
    const std::vector<PublicKey> both{log_key_.public_key(), next.public_key()};
    EXPECT_TRUE(sign_everything(database_, kOri, next, both, clock_.now(), HeadReason::start));
}

TEST_F(EvidenceLog, GivenANewEpochThenItHoldsEveryLineAgainUnderAnOriginOfItsOwn) {
    add_batch(300);
    const auto old = sign();
    ASSERT_TRUE(store::begin_evidence_tree(database_, kOri, old.checkpoint, clock_.now()));
    add_batch(10);
    const auto head = sign();
    EXPECT_EQ(head.size, 310U);
    EXPECT_EQ(open_checkpoint(head.checkpoint, known_)->origin, "sallyport/CA0300000/2");
    EXPECT_EQ(tree().previous_head, old.checkpoint);
    EXPECT_TRUE(prove_line(database_, tree(), 1, 310));
}

TEST_F(EvidenceLog, GivenANewerHeadThenAWitnessBelievesItOrNamesWhatIsWrong) {
    add_batch(10);
    const TreeHead first = *read_checkpoint(sign().checkpoint);
    add_batch(10);
    clock_.advance(std::chrono::minutes(1));
    const TreeHead second = *read_checkpoint(sign().checkpoint);
    const auto path = prove_growth(database_, tree(), 10, 20)->proof.path;
    EXPECT_TRUE(check_growth(first, second, path));
    EXPECT_TRUE(check_growth(first, first, {}));
    EXPECT_TRUE(check_growth({first.origin, 0, empty_root(), {}}, second, {}));
    const auto complaint = [](const TreeHead& seen, const TreeHead& newer, const std::vector<Digest>& proof) {
        const auto grown = check_growth(seen, newer, proof);
        return grown ? std::string() : grown.error().message();
    };
    EXPECT_THAT(complaint(second, first, path), StartsWith("older"));
    TreeHead other = first;
    other.signed_at = second.signed_at;
    EXPECT_THAT(complaint(second, other, path), StartsWith("shrunk"));
    other = second;
    other.root[0] ^= 1;
    EXPECT_THAT(complaint(first, other, path), StartsWith("fork"));
    EXPECT_THAT(complaint(first, second, {}), StartsWith("fork"));
    other = first;
    other.root[0] ^= 1;
    EXPECT_THAT(complaint(first, other, {}), StartsWith("fork"));
    other = second;
    other.origin = "sallyport/CA0300000/2";
    EXPECT_THAT(complaint(first, other, path), StartsWith("another log"));
    other = second;
    other.signed_at = first.signed_at - std::chrono::milliseconds(1);
    EXPECT_THAT(complaint(first, other, path), StartsWith("older"));
}

class Signer : public LogFixture {
protected:
    Signer() {
        writer_ = *store::open_writer(file(), {}, tree_growth());
        signer_ = std::make_unique<HeadSigner>(*writer_, clock_, log_key_, std::vector<PublicKey>(),
                                               [this](const PublishedHead& head) { published_.push_back(head); });
    }
    std::uint64_t size(std::size_t i) { return read_checkpoint(published_.at(i).checkpoint)->size; }

    std::unique_ptr<store::Writer> writer_;
    std::vector<PublishedHead> published_;
    std::unique_ptr<HeadSigner> signer_;
};

// What an older program stored has no tree yet: more than one slice of it.
TEST_F(Signer, GivenLinesOfAnOlderProgramWhenSignedThenTheHeadCoversThemAllAndIsPublished) {
    for (int i = 0; i < 25; ++i)
        add_batch(500);
    add_batch(7, "T-9", "CA0990000");
    ASSERT_TRUE(signer_->sign(HeadReason::start));
    ASSERT_EQ(published_.size(), 2U);
    EXPECT_EQ(published_[0].ori, kOri);
    EXPECT_EQ(size(0), 12'500U);
    EXPECT_EQ(size(1), 7U);
}

TEST_F(Signer, GivenTimePassingThenAHeadIsSignedOnceAMinuteWhetherOrNotTheLogGrew) {
    add_batch(1);
    ASSERT_TRUE(signer_->sign_when_due());
    ASSERT_TRUE(signer_->sign_when_due());
    EXPECT_EQ(published_.size(), 1U);
    clock_.advance(std::chrono::seconds(59));
    ASSERT_TRUE(signer_->sign_when_due());
    EXPECT_EQ(published_.size(), 1U);
    clock_.advance(std::chrono::seconds(1));
    add_batch(1);
    ASSERT_TRUE(signer_->sign_when_due());
    clock_.advance(std::chrono::seconds(60));
    ASSERT_TRUE(signer_->sign_when_due());
    ASSERT_EQ(published_.size(), 3U);
    EXPECT_EQ(size(1), 2U);
    EXPECT_EQ(size(2), 2U);
    EXPECT_NE(published_[1].checkpoint, published_[2].checkpoint) << "its time";
}

TEST_F(Signer, GivenAConversionThenAHeadIsSignedAtOnceAndSaysWhy) {
    add_batch(1);
    act("incident.convert");
    ASSERT_TRUE(signer_->sign_when_due());
    act("alert.acknowledge");
    ASSERT_TRUE(signer_->sign_when_due());
    EXPECT_EQ(published_.size(), 1U);
    add_batch(1);
    act("incident.convert");
    ASSERT_TRUE(signer_->sign_when_due());
    ASSERT_EQ(published_.size(), 2U);
    EXPECT_EQ(size(1), 2U);
    EXPECT_EQ((*store::latest_signed_head(database_, tree().tree_id))->reason, "conversion");
    ASSERT_TRUE(signer_->sign_when_due());
    EXPECT_EQ(published_.size(), 2U);
}

TEST_F(Signer, GivenOneAgencyWhoseTreeIsDamagedThenTheOthersAreSignedAndTheFailureIsTold) {
    add_batch(3);
    add_batch(3, "T-9", "CA0990000");
    ASSERT_TRUE(signer_->sign(HeadReason::start));
    sql("UPDATE evidence_head SET root = zeroblob(32) WHERE tree_id = (SELECT tree_id FROM evidence_tree WHERE ori = 'CA0300000')");
    const auto done = signer_->sign(HeadReason::interval);
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message(), ::testing::HasSubstr(kOri));
    EXPECT_EQ(published_.size(), 3U);
    EXPECT_EQ(published_.back().ori, "CA0990000");
}

TEST_F(Signer, GivenTheThreadWhenItStartsThenItSignsAtOnce) {
    add_batch(4);
    { const HeadThread thread(*signer_, [](const Error& failure) { FAIL() << failure.message(); }); }
    ASSERT_EQ(published_.size(), 1U);
    EXPECT_EQ(size(0), 4U);
    EXPECT_EQ((*store::latest_signed_head(database_, tree().tree_id))->reason, "start");
}

}  // namespace
}  // namespace sallyport::testing
