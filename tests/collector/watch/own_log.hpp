// SPDX-License-Identifier: Apache-2.0
//
// An evidence log of a test: leaves that can be put in and, other than in life, taken out and written anew; heads
// signed at any time.
#pragma once

#include <map>

#include "collector/evidence/checkpoint.hpp"
#include "collector/evidence/merkle_tree.hpp"
#include "collector/watch/head_view.hpp"
#include "protocol/chain.hpp"

namespace sallyport::testing {

class OwnLog {
public:
    explicit OwnLog(std::string story = "true") : story_(std::move(story)) {}

    // Leaves `first` to the end are this log's own story; those before are common to all.
    OwnLog& grow(std::uint64_t size, std::uint64_t common = 0) {
        while (edge_.size() < size) {
            const auto at = edge_.size();
            const std::string line = (at < common ? std::string("common") : story_) + std::to_string(at);
            edge_.append(leaf_of(line), [this](evidence::NodePlace place, const Digest& hash) {
                nodes_[{place.level, place.index}] = hash;
            });
        }
        return *this;
    }

    [[nodiscard]] std::string head(const SigningKey& key, WallTime at,
                                   const std::string& origin = "sallyport/CA0300000/1") const {
        return *evidence::sign_checkpoint({origin, edge_.size(), edge_.root(), at}, key);
    }
    [[nodiscard]] watch::AskForGrowth growth() const {
        return [this](std::uint64_t from, std::uint64_t to) {
            return evidence::make_consistency_proof(from, to, [this](evidence::NodePlace place) -> Result<Digest> {
                const auto at = nodes_.find({place.level, place.index});
                return at == nodes_.end() ? Result<Digest>(Error(Errc::not_found, "no such node")) : at->second;
            });
        };
    }

private:
    std::string story_;
    evidence::TreeEdge edge_;
    std::map<std::pair<unsigned, std::uint64_t>, Digest> nodes_;
};

}  // namespace sallyport::testing
