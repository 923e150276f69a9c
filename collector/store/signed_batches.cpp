// SPDX-License-Identifier: Apache-2.0
#include "collector/store/signed_batches.hpp"

#include <algorithm>

#include "collector/store/row_values.hpp"

namespace sallyport::store {

Result<std::optional<StoredBatch>> batch_of(Database& database, std::int64_t ingest_id) {
    auto query = database.prepare("SELECT batch_id, b.stream_id, b.header FROM event e JOIN batch b USING (batch_id) "
                                  "WHERE e.ingest_id = ?");
    if (!query)
        return query.error().within("batch of an event");
    auto row = query->bind(1, ingest_id).step();
    if (!row)
        return row.error().within("batch of an event");
    if (!*row)
        return std::optional<StoredBatch>();
    return std::optional(StoredBatch{query->integer(0), query->integer(1), query->text(2)});
}

Result<std::vector<Digest>> leaves_between(Database& database, std::int64_t stream_id, std::uint64_t first_seq,
                                           std::uint64_t last_seq) {
    auto query = database.prepare("SELECT leaf FROM event WHERE stream_id = ? AND seq BETWEEN ? AND ? ORDER BY seq");
    if (!query)
        return query.error().within("leaves of a batch");
    query->bind(1, stream_id).bind(2, first_seq).bind(3, last_seq);
    return read_rows(*query, "leaves of a batch", [](const Statement& row) {
        Digest leaf{};
        const Bytes bytes = row.blob(0);
        std::copy_n(bytes.begin(), std::min(bytes.size(), leaf.size()), leaf.begin());
        return leaf;
    });
}

}  // namespace sallyport::store
