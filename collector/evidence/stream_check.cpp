// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/stream_check.hpp"

#include <algorithm>

#include "collector/store/terminal_repository.hpp"
#include "protocol/chain.hpp"

namespace sallyport::evidence {
namespace {

// The terminal under whose name the collector writes lines of its own (collector/intake/own_log.hpp).
constexpr std::string_view kCollectorId = "collector";

std::string name_of(const store::ScannedStream& stream) { return stream.terminal_id + ", instance " + stream.instance; }

}  // namespace

Result<void> StreamCheck::begin() {
    auto streams = store::scan_streams(database_);
    if (!streams)
        return streams.error();
    for (store::ScannedStream& stream : *streams)
        streams_[stream.stream_id].stored = std::move(stream);
    return {};
}

std::string_view StreamCheck::ori_of(std::int64_t stream_id) const {
    const auto found = streams_.find(stream_id);
    return found == streams_.end() ? std::string_view() : std::string_view(found->second.stored.ori);
}

Result<StreamCheck::Stream*> StreamCheck::stream_of(std::int64_t stream_id) {
    auto found = streams_.find(stream_id);
    if (found == streams_.end()) {
        auto late = store::scan_stream(database_, stream_id);
        if (!late)
            return late.error();
        if (!*late)
            return nullptr;
        // It began while the check ran: it has to lead to nowhere yet.
        found = streams_.emplace(stream_id, Stream()).first;
        found->second.stored = std::move(**late);
        found->second.stored.last_seq = 0;
        found->second.stored.last_batch_seq = 0;
    }
    Stream& stream = found->second;
    if (stream.seq == 0 && stream.enrolled.empty()) {
        if (stream.stored.terminal_id == kCollectorId)
            stream.enrolled.assign(collector_keys_.begin(), collector_keys_.end());
        auto keys = store::keys_of(database_, stream.stored.terminal_id);
        if (!keys)
            return keys.error();
        for (const store::TerminalKey& key : *keys)
            if (auto enrolled = PublicKey::from_base64(key.public_key))
                stream.enrolled.push_back(std::move(*enrolled));
    }
    return &stream;
}

Result<void> StreamCheck::take(const store::ScannedLine& line) {
    ++report_.lines;
    std::string place = "line " + std::to_string(line.ingest_id);
    auto found = stream_of(line.stream_id);
    if (!found)
        return found.error();
    if (*found == nullptr) {
        faults_.add("stream", place, "its stream " + std::to_string(line.stream_id) + " is not there");
        return {};
    }
    Stream& stream = **found;
    place += " (" + stream.stored.terminal_id + ", seq " + std::to_string(line.seq) + ")";
    if (line.line) {
        if (leaf_of(*line.line) != line.leaf)
            faults_.add("altered", place, "the line does not hash to its leaf");
    } else {
        ++report_.withheld;
        if (!line.withheld_reason)
            faults_.add("withheld", place, "the line is missing and no reason is given");
    }
    if (line.seq != stream.seq + 1)
        faults_.add("gap", place, "follows seq " + std::to_string(stream.seq));
    if (auto done = take_up_batch(stream, line, place); !done)
        return done;
    if (!stream.head)
        begin_chain(stream, place);
    stream.seq = line.seq;
    stream.head = chain_link(*stream.head, line.leaf);
    if (stream.batch && line.seq == stream.batch->last_seq)
        check_header(stream, place);
    if (line.seq == stream.stored.last_seq && *stream.head != stream.stored.head)
        faults_.add("stream", name_of(stream.stored), "its lines do not lead to the head in its row, at seq " + std::to_string(line.seq));
    return {};
}

Result<void> StreamCheck::take_up_batch(Stream& stream, const store::ScannedLine& line, const std::string& place) {
    if (!line.batch_id) {
        // Only the collector's first programs wrote lines without a batch, and only their own.
        if (stream.stored.terminal_id != kCollectorId)
            faults_.add("batch", place, "was signed by nobody: it is of no batch");
        stream.batch.reset();
        return {};
    }
    if (stream.batch_id == line.batch_id)
        return {};
    if (stream.batch && stream.seq != stream.batch->last_seq)
        faults_.add("batch", place, "the batch before it ends at seq " + std::to_string(stream.batch->last_seq) + ", its lines at " +
                                        std::to_string(stream.seq));
    auto batch = store::scan_batch(database_, *line.batch_id);
    if (!batch)
        return batch.error();
    ++report_.batches;
    stream.batch_id = line.batch_id;
    stream.batch = std::move(*batch);
    stream.header.reset();
    if (!stream.batch) {
        faults_.add("batch", place, "its batch " + std::to_string(*line.batch_id) + " is not there: nobody signed it");
        return {};
    }
    auto decoded = decode_batch_header(stream.batch->header);
    if (!decoded)
        faults_.add("batch", place, decoded.error().message());
    else
        stream.header = std::move(*decoded);
    return {};
}

// h(0) is made from the enrolled key: a chain that begins elsewhere is another terminal's, or a later part of one.
void StreamCheck::begin_chain(Stream& stream, const std::string& place) {
    const auto genesis = [&](const PublicKey& key) { return chain_genesis(stream.stored.terminal_id, stream.stored.instance, key); };
    if (stream.header && stream.batch && stream.header->first_seq == stream.batch->first_seq) {
        stream.head = stream.header->previous;
        if (std::none_of(stream.enrolled.begin(), stream.enrolled.end(),
                         [&](const PublicKey& key) { return genesis(key) == stream.header->previous; }))
            faults_.add("chain", place, "the chain does not begin with an enrolled key of " + stream.stored.terminal_id);
        return;
    }
    stream.head = stream.enrolled.empty() ? Digest{} : genesis(stream.enrolled.front());
    if (stream.enrolled.empty())
        faults_.add("chain", place, "no key of " + stream.stored.terminal_id + " is known: the chain has no beginning");
}

void StreamCheck::check_header(Stream& stream, const std::string& place) {
    if (!stream.header)
        return;  // told already
    const BatchHeader& header = *stream.header;
    if (header.terminal != stream.stored.terminal_id || header.instance != stream.stored.instance ||
        header.last_seq() != stream.batch->last_seq)
        faults_.add("batch", place, "the signed header is of other lines");
    if (header.head != *stream.head) {
        faults_.add("chain", place, "the lines do not lead to the head that the terminal signed");
        stream.head = header.head;  // what follows is judged for itself
    }
    const std::string certificate = header.signer.key + ' ' + header.signer.signature;
    if (certificate != stream.certified) {
        stream.certified = certificate;
        stream.batch_key.reset();
        for (const PublicKey& enrolled : stream.enrolled)
            if (auto key = header.signer.check(enrolled, stream.stored.terminal_id, stream.stored.instance)) {
                stream.batch_key = std::move(*key);
                break;
            }
    }
    if (!stream.batch_key)
        faults_.add("batch", place, "the batch key is certified by no enrolled key of " + stream.stored.terminal_id);
    else if (auto good = verify_signature(header, *stream.batch_key); !good)
        faults_.add("batch", place, good.error().message());
}

void StreamCheck::finish() {
    report_.streams = streams_.size();
    for (const auto& [id, stream] : streams_) {
        const std::uint64_t promised = std::max(stream.stored.last_seq, stream.stored.last_batch_seq);
        if (stream.seq < promised)
            faults_.add("truncated", name_of(stream.stored), "its lines end at seq " + std::to_string(stream.seq) + ", " +
                                                                 std::to_string(promised - stream.seq) + " are missing up to " +
                                                                 std::to_string(promised));
        else if (stream.stored.last_batch_seq > stream.stored.last_seq)
            faults_.add("truncated", name_of(stream.stored), "its row stands at seq " + std::to_string(stream.stored.last_seq) +
                                                                 ", a signed batch at " + std::to_string(stream.stored.last_batch_seq));
    }
}

}  // namespace sallyport::evidence
