// SPDX-License-Identifier: Apache-2.0
//
// Whether a stream's lines are those that were signed: leaf, number, chain, and the signature of each batch under a key that
// the terminal's enrolled key certified. Part of log_check.
#pragma once

#include <map>

#include "collector/evidence/fault_list.hpp"
#include "collector/store/log_scan.hpp"
#include "protocol/batch.hpp"

namespace sallyport::evidence {

class StreamCheck {
public:
    StreamCheck(Database& database, std::span<const PublicKey> collector_keys, LogCheckReport& report)
        : database_(database), collector_keys_(collector_keys), report_(report), faults_(report) {}

    // Before the first line: how far each stream has to lead.
    [[nodiscard]] Result<void> begin();
    // Lines in the order of their commit.
    [[nodiscard]] Result<void> take(const store::ScannedLine& line);
    // After the last line: nothing is missing at the end of a stream.
    void finish();
    // The agency of the stream, after one of its lines was taken; empty for a stream that is not there.
    [[nodiscard]] std::string_view ori_of(std::int64_t stream_id) const;

private:
    struct Stream {
        store::ScannedStream stored;  // as it stood when the check began
        std::vector<PublicKey> enrolled;
        std::uint64_t seq = 0;
        std::optional<Digest> head;  // nothing until it is known where the chain begins
        std::optional<std::int64_t> batch_id;
        std::optional<store::ScannedBatch> batch;
        std::optional<BatchHeader> header;
        // The last batch key that was found certified: most batches of a stream are under one.
        std::string certified;
        std::optional<PublicKey> batch_key;
    };

    [[nodiscard]] Result<Stream*> stream_of(std::int64_t stream_id);
    [[nodiscard]] Result<void> take_up_batch(Stream& stream, const store::ScannedLine& line, const std::string& place);
    void begin_chain(Stream& stream, const std::string& place);
    void check_header(Stream& stream, const std::string& place);

    Database& database_;
    std::span<const PublicKey> collector_keys_;
    LogCheckReport& report_;
    FaultList faults_;
    std::map<std::int64_t, Stream> streams_;
};

}  // namespace sallyport::evidence
