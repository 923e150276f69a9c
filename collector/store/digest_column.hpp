// SPDX-License-Identifier: Apache-2.0
//
// How digests stand in the tables: blobs of 32 bytes.
#pragma once

#include <algorithm>

#include "protocol/adapters/sqlite_database.hpp"

namespace sallyport::store {

// A blob of another length gives a digest that no line hashes to.
[[nodiscard]] inline Digest digest_at(const Statement& row, int column) {
    const Bytes bytes = row.blob(column);
    Digest digest{};
    if (bytes.size() == digest.size())
        std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

}  // namespace sallyport::store
