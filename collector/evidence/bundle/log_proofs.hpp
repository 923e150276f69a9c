// SPDX-License-Identifier: Apache-2.0
//
// What a bundle asks of the evidence log. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/evidence/checkpoint.hpp"
#include "protocol/clock.hpp"

namespace sallyport::evidence {

struct KeptHead {
    TreeHead head;
    std::string note;  // the signed checkpoint
};

struct LeafProof {
    std::uint64_t index = 0;
    std::vector<Digest> path;
};

class LogProofs {
public:
    virtual ~LogProofs() = default;

    // The head that everything is proven against: it covers every line that is asked for.
    [[nodiscard]] virtual const KeptHead& head() const = 0;
    // Errc::not_found: the head does not cover that line.
    [[nodiscard]] virtual Result<LeafProof> prove(std::int64_t ingest_id) = 0;
    // Heads that were kept: the last one signed before that time, the first one signed at it or after.
    [[nodiscard]] virtual Result<std::optional<KeptHead>> last_before(WallTime time) = 0;
    [[nodiscard]] virtual Result<std::optional<KeptHead>> first_from(WallTime time) = 0;
    // From a kept head to head().
    [[nodiscard]] virtual Result<std::vector<Digest>> prove_growth(const TreeHead& from) = 0;
};

}  // namespace sallyport::evidence
