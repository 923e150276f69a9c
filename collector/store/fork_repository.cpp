// SPDX-License-Identifier: Apache-2.0
#include "collector/store/fork_repository.hpp"

#include <algorithm>

#include "collector/store/row_values.hpp"

namespace sallyport::store {
namespace {

constexpr std::int64_t kKeptMax = 256;

Digest digest_in(const Statement& row, int column) {
    Digest digest{};
    const Bytes bytes = row.blob(column);
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    return digest;
}

}  // namespace

Result<void> save_forked_line(Database& database, std::int64_t stream_id, std::uint64_t seq, const ForkSide& other) {
    auto insert = database.prepare(
        "INSERT OR IGNORE INTO forked_line (stream_id, seq, leaf, line, header, received_at) SELECT ?1, ?2, ?3, ?4, ?5, ?6 "
        "WHERE (SELECT count(*) FROM forked_line WHERE stream_id = ?1) < ?7");
    if (!insert)
        return insert.error();
    auto done = insert->bind(1, stream_id).bind(2, seq).bind_blob(3, other.leaf).bind(4, other.line).bind(5, other.header)
                    .bind(6, milliseconds(other.received_at)).bind(7, kKeptMax).run();
    return done ? done : Result<void>(done.error().within("forked line"));
}

Result<std::vector<Fork>> forks_of(Database& database, std::string_view terminal_id) {
    auto query = database.prepare(
        "SELECT s.instance, f.seq, e.leaf, e.line, coalesce(b.header, ''), e.received_at, f.leaf, f.line, f.header, f.received_at "
        "FROM forked_line f JOIN stream s USING (stream_id) JOIN event e ON e.stream_id = f.stream_id AND e.seq = f.seq "
        "LEFT JOIN batch b ON b.batch_id = e.batch_id WHERE s.terminal_id = ? ORDER BY f.received_at, f.stream_id, f.seq");
    if (!query)
        return query.error();
    query->bind(1, terminal_id);
    return read_rows(*query, "forks", [](const Statement& row) {
        return Fork{row.text(0),
                    static_cast<std::uint64_t>(row.integer(1)),
                    {digest_in(row, 2), row.optional_text(3), row.text(4), wall_time(row.integer(5))},
                    {digest_in(row, 6), row.optional_text(7), row.text(8), wall_time(row.integer(9))}};
    });
}

}  // namespace sallyport::store
