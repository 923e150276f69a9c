// SPDX-License-Identifier: Apache-2.0
//
// The proofs of a bundle out of the store's evidence log, against one signed head. One thread.
#pragma once

#include "collector/evidence/bundle/log_proofs.hpp"
#include "collector/evidence/evidence_log.hpp"

namespace sallyport::evidence {

class StoreProofs final : public LogProofs {
public:
    // Against a head that is signed and kept now, and covers every line committed before the call. The connection may write,
    // and no transaction is open on it.
    [[nodiscard]] static Result<StoreProofs> with_fresh_head(Database& database, std::string_view ori, const SigningKey& key,
                                                             WallTime now);
    // Against the newest head that is kept: of a collector, whose signer has just made one. Errc::not_found: there is none.
    [[nodiscard]] static Result<StoreProofs> with_newest_head(Database& reader, std::string_view ori);

    [[nodiscard]] const KeptHead& head() const override { return head_; }
    [[nodiscard]] Result<LeafProof> prove(std::int64_t ingest_id) override;
    [[nodiscard]] Result<std::optional<KeptHead>> last_before(WallTime time) override;
    [[nodiscard]] Result<std::optional<KeptHead>> first_from(WallTime time) override;
    [[nodiscard]] Result<std::vector<Digest>> prove_growth(const TreeHead& from) override;

private:
    StoreProofs(Database& database, store::EvidenceTree tree, KeptHead head)
        : database_(database), tree_(std::move(tree)), head_(std::move(head)) {}

    Database& database_;
    store::EvidenceTree tree_;
    KeptHead head_;
};

}  // namespace sallyport::evidence
