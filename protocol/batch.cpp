// SPDX-License-Identifier: Apache-2.0
#include "protocol/batch.hpp"

#include "protocol/envelope.hpp"
#include "protocol/json.hpp"

namespace sallyport {
namespace {

constexpr std::string_view kReasons[] = {"evicted", "expired", "redacted", "rejected"};

constexpr FieldSpec kHeaderFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"instance", FieldKind::hex, true, 32, 32, {}, {}},
    {"first", FieldKind::integer, true, 1, INT64_MAX, {}, {}},
    {"count", FieldKind::integer, true, 1, kBatchLinesMax, {}, {}},
    {"previous", FieldKind::hex, true, 64, 64, {}, {}},
    {"head", FieldKind::hex, true, 64, 64, {}, {}},
    {"key", FieldKind::base64, true, 4, 256, {}, {}},
    {"key_cert", FieldKind::base64, true, 4, 128, {}, {}},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

constexpr FieldSpec kTombstoneFields[] = {
    {"tombstone", FieldKind::integer, true, 1, INT64_MAX, {}, {}},
    {"type", FieldKind::token, true, 1, 32, {}, {}},
    {"leaf", FieldKind::hex, true, 64, 64, {}, {}},
    {"reason", FieldKind::choice, true, 0, 0, kReasons, {}},
};

Bytes signed_claim(const BatchHeader& header) {
    Bytes claim;
    append_framed(claim, "sallyport/1/batch");
    append_framed(claim, header.terminal);
    append_framed(claim, header.instance);
    append_framed(claim, header.last_seq());
    append_framed(claim, ByteView(header.head));
    return claim;
}

Bytes certified_claim(std::string_view terminal, std::string_view instance, std::string_view key) {
    Bytes claim;
    append_framed(claim, "sallyport/1/batch-key");
    append_framed(claim, terminal);
    append_framed(claim, instance);
    append_framed(claim, key);
    return claim;
}

std::string encode_header(const BatchHeader& header) {
    return write_json(Record{{"v", 1},
                             {"terminal", header.terminal},
                             {"instance", header.instance},
                             {"first", header.first_seq},
                             {"count", header.count},
                             {"previous", to_hex(header.previous)},
                             {"head", to_hex(header.head)},
                             {"key", header.signer.key},
                             {"key_cert", header.signer.signature},
                             {"sig", header.signature}});
}

}  // namespace

Result<BatchKeyCertificate> BatchKeyCertificate::issue(const SigningKey& enrolled, std::string_view terminal,
                                                       std::string_view instance, const PublicKey& batch_key) {
    auto signature = enrolled.sign(certified_claim(terminal, instance, batch_key.base64()));
    if (!signature)
        return signature.error().within("batch key certificate");
    return BatchKeyCertificate{batch_key.base64(), to_base64(*signature)};
}

Result<PublicKey> BatchKeyCertificate::check(const PublicKey& enrolled, std::string_view terminal,
                                             std::string_view instance) const {
    auto bytes = from_base64(signature);
    if (!bytes || !enrolled.verify(certified_claim(terminal, instance, key), *bytes))
        return Error(Errc::refused, "batch key certificate: not signed by the enrolled key of " + std::string(terminal));
    return PublicKey::from_base64(key);
}

Result<Digest> line_leaf(std::string_view line) {
    if (auto tombstone = decode_tombstone(line))
        return tombstone->leaf;
    return leaf_of(line);
}

std::string encode_tombstone(const Tombstone& tombstone) {
    return write_json(Record{{"tombstone", tombstone.seq},
                             {"type", tombstone.type},
                             {"leaf", to_hex(tombstone.leaf)},
                             {"reason", tombstone.reason}});
}

std::optional<Tombstone> decode_tombstone(std::string_view line) {
    // Events start with their schema; only what starts as a tombstone is parsed twice.
    if (!line.starts_with("{\"tombstone\":"))
        return std::nullopt;
    auto record = read_json_record(line, JsonLimits{.bytes_max = 512, .depth_max = 1, .fields_max = 8});
    if (!record || check_fields(*record, kTombstoneFields))
        return std::nullopt;
    return Tombstone{static_cast<std::uint64_t>(integer_of(*record, "tombstone")), std::string(text_of(*record, "type")),
                     *digest_from_hex(text_of(*record, "leaf")), std::string(text_of(*record, "reason"))};
}

Result<std::string> encode_batch(BatchHeader header, const std::vector<std::string>& lines, const SigningKey& batch_key,
                                 const BatchKeyCertificate& certificate) {
    if (lines.empty() || lines.size() > kBatchLinesMax)
        return Error(Errc::internal, "batch: " + std::to_string(lines.size()) + " lines");
    header.count = lines.size();
    header.signer = certificate;
    header.head = header.previous;
    std::size_t size = 0;
    for (const std::string& line : lines) {
        auto leaf = line_leaf(line);
        if (!leaf)
            return leaf.error();
        header.head = chain_link(header.head, *leaf);
        size += line.size() + 1;
    }
    auto signature = batch_key.sign(signed_claim(header));
    if (!signature)
        return signature.error().within("batch");
    header.signature = to_base64(*signature);

    std::string message = encode_header(header);
    message.reserve(message.size() + size + 1);
    for (const std::string& line : lines) {
        message += '\n';
        message += line;
    }
    if (message.size() > kBatchBytesMax)
        return Error(Errc::exhausted, "batch: " + std::to_string(message.size()) + " bytes");
    return message;
}

Result<BatchHeader> decode_batch_header(std::string_view line) {
    auto record = read_json_record(line, JsonLimits{.bytes_max = 2048, .depth_max = 1, .fields_max = 32});
    if (!record)
        return record.error();
    if (auto fault = check_fields(*record, kHeaderFields))
        return Error(Errc::bad_input, "field '" + fault->field + "': " + fault->reason);
    BatchHeader header;
    header.terminal = text_of(*record, "terminal");
    header.instance = text_of(*record, "instance");
    header.first_seq = static_cast<std::uint64_t>(integer_of(*record, "first"));
    header.count = static_cast<std::uint64_t>(integer_of(*record, "count"));
    header.previous = *digest_from_hex(text_of(*record, "previous"));
    header.head = *digest_from_hex(text_of(*record, "head"));
    header.signer = {std::string(text_of(*record, "key")), std::string(text_of(*record, "key_cert"))};
    header.signature = text_of(*record, "sig");
    if (!is_terminal_id(header.terminal))
        return Error(Errc::bad_input, "field 'terminal': not_an_id");
    if (header.first_seq > static_cast<std::uint64_t>(INT64_MAX) - header.count)
        return Error(Errc::bad_input, "field 'first': out_of_range");
    return header;
}

Result<Batch> decode_batch(std::string_view message) {
    if (message.size() > kBatchBytesMax)
        return Error(Errc::exhausted, "batch: " + std::to_string(message.size()) + " bytes, at most " +
                                          std::to_string(kBatchBytesMax) + " are taken");
    Batch batch;
    batch.header_line = message.substr(0, message.find('\n'));
    auto header = decode_batch_header(batch.header_line);
    if (!header)
        return header.error().within("batch: header");
    batch.header = std::move(header).value();

    std::string_view rest = message.substr(std::min(message.size(), batch.header_line.size()));
    while (!rest.empty()) {
        rest.remove_prefix(1);  // the line feed before each line
        const std::string_view line = rest.substr(0, rest.find('\n'));
        if (line.size() > kEventLineBytesMax)
            return Error(Errc::exhausted, "batch: line " + std::to_string(batch.lines.size() + 1) + ": " +
                                              std::to_string(line.size()) + " bytes");
        batch.lines.emplace_back(line);
        rest.remove_prefix(line.size());
        if (batch.lines.size() > batch.header.count)
            break;
    }
    if (batch.lines.size() != batch.header.count)
        return Error(Errc::bad_input, "batch: header says " + std::to_string(batch.header.count) + " lines, there are " +
                                          (rest.empty() ? std::to_string(batch.lines.size()) : std::string("more")));
    return batch;
}

Result<void> verify_signature(const BatchHeader& header, const PublicKey& batch_key) {
    auto signature = from_base64(header.signature);
    if (!signature || !batch_key.verify(signed_claim(header), *signature))
        return Error(Errc::refused, "batch: seq " + std::to_string(header.first_seq) + ".." +
                                        std::to_string(header.last_seq()) + ": signature does not fit");
    return {};
}

Result<std::vector<Digest>> verify_chain(const Batch& batch) {
    std::vector<Digest> leaves;
    leaves.reserve(batch.lines.size());
    Digest head = batch.header.previous;
    for (const std::string& line : batch.lines) {
        auto leaf = line_leaf(line);
        if (!leaf)
            return leaf.error();
        head = chain_link(head, *leaf);
        leaves.push_back(*leaf);
    }
    if (head != batch.header.head)
        return Error(Errc::refused, "batch: seq " + std::to_string(batch.header.first_seq) + ".." +
                                        std::to_string(batch.header.last_seq()) + ": lines do not lead to the head");
    return leaves;
}

}  // namespace sallyport
