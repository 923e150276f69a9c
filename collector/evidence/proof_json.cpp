// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/proof_json.hpp"

namespace sallyport::evidence {
namespace {

List path_of(const std::vector<Digest>& path) {
    List hashes;
    for (const Digest& hash : path)
        hashes.emplace_back(to_base64(hash));
    return hashes;
}

}  // namespace

Record to_record(const ProvenLine& line) {
    return {{"leafIdx", line.proof.leaf_index},
            {"treeSize", line.proof.size},
            {"root", to_base64(line.root)},
            {"leafHash", to_base64(line.proof.leaf)},
            {"proof", path_of(line.proof.path)}};
}

Record to_record(const ProvenGrowth& growth) {
    return {{"size1", growth.proof.from},
            {"size2", growth.proof.to},
            {"root1", to_base64(growth.from_root)},
            {"root2", to_base64(growth.to_root)},
            {"proof", path_of(growth.proof.path)}};
}

}  // namespace sallyport::evidence
