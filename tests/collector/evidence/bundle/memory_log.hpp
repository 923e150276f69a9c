// SPDX-License-Identifier: Apache-2.0
//
// An evidence log in memory over every leaf of a store, with heads signed when the test says so.
#pragma once

#include <algorithm>
#include <map>

#include "collector/evidence/bundle/log_proofs.hpp"
#include "collector/evidence/merkle_tree.hpp"
#include "collector/store/event_log.hpp"

namespace sallyport::testing {

class MemoryLog final : public evidence::LogProofs {
public:
    MemoryLog(std::string origin, const SigningKey& key) : origin_(std::move(origin)), key_(key) {}

    // Takes in what the store has more, and signs the head as of that time.
    void sign(Database& reader, WallTime now) {
        for (const auto& event : *store::read_events_after(reader, last_, 1'000'000)) {
            index_[event.ingest_id] = edge_.size();
            edge_.append(event.leaf, [this](evidence::NodePlace place, const Digest& hash) {
                nodes_[{place.level, place.index}] = hash;
            });
            last_ = event.ingest_id;
        }
        evidence::TreeHead head{origin_, edge_.size(), edge_.root(), now};
        std::string note = *evidence::sign_checkpoint(head, key_);
        kept_.emplace_back(now, evidence::KeptHead{std::move(head), std::move(note)});
    }

    const evidence::KeptHead& head() const override { return kept_.back().second; }
    Result<evidence::LeafProof> prove(std::int64_t ingest_id) override {
        const auto at = index_.find(ingest_id);
        if (at == index_.end()) return Error(Errc::not_found, "not in the log");
        auto path = evidence::make_inclusion_proof(at->second, head().head.size, source());
        if (!path) return path.error();
        return evidence::LeafProof{at->second, std::move(*path)};
    }
    Result<std::optional<evidence::KeptHead>> last_before(WallTime time) override {
        std::optional<evidence::KeptHead> found;
        for (const auto& [at, head] : kept_)
            if (at < time) found = head;
        return found;
    }
    Result<std::optional<evidence::KeptHead>> first_from(WallTime time) override {
        for (const auto& [at, head] : kept_)
            if (at >= time) return std::optional(head);
        return std::optional<evidence::KeptHead>();
    }
    Result<std::vector<Digest>> prove_growth(const evidence::TreeHead& from) override {
        return evidence::make_consistency_proof(from.size, head().head.size, source());
    }

private:
    [[nodiscard]] evidence::NodeSource source() const {
        return [this](evidence::NodePlace place) -> Result<Digest> {
            const auto at = nodes_.find({place.level, place.index});
            return at == nodes_.end() ? Result<Digest>(Error(Errc::not_found, "no such node")) : at->second;
        };
    }

    std::string origin_;
    const SigningKey& key_;
    std::int64_t last_ = 0;
    std::map<std::int64_t, std::uint64_t> index_;
    std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_;
    evidence::TreeEdge edge_;
    std::vector<std::pair<WallTime, evidence::KeptHead>> kept_;
};

}  // namespace sallyport::testing
