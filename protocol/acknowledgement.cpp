// SPDX-License-Identifier: Apache-2.0
#include "protocol/acknowledgement.hpp"

#include "protocol/json.hpp"
#include "protocol/schema.hpp"

namespace sallyport {
namespace {

constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"instance", FieldKind::hex, true, 32, 32, {}, {}},
    {"seq", FieldKind::integer, true, 0, INT64_MAX, {}, {}},
    {"head", FieldKind::hex, true, 64, 64, {}, {}},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

Bytes signed_claim(const Acknowledgement& ack) {
    Bytes claim;
    append_framed(claim, "sallyport/1/ack");
    append_framed(claim, ack.terminal);
    append_framed(claim, ack.instance);
    append_framed(claim, ack.seq);
    append_framed(claim, ByteView(ack.head));
    return claim;
}

}  // namespace

Result<std::string> encode_acknowledgement(const Acknowledgement& ack, const SigningKey& collector) {
    auto signature = collector.sign(signed_claim(ack));
    if (!signature)
        return signature.error().within("acknowledgement");
    return write_json(Record{{"v", 1},
                             {"terminal", ack.terminal},
                             {"instance", ack.instance},
                             {"seq", ack.seq},
                             {"head", to_hex(ack.head)},
                             {"sig", to_base64(*signature)}});
}

Result<Acknowledgement> decode_acknowledgement(std::string_view message, const PublicKey& collector) {
    auto record = read_json_record(message, JsonLimits{.bytes_max = 1024, .depth_max = 1, .fields_max = 16});
    if (!record)
        return record.error().within("acknowledgement");
    if (auto fault = check_fields(*record, kFields))
        return Error(Errc::bad_input, "acknowledgement: field '" + fault->field + "': " + fault->reason);
    Acknowledgement ack{std::string(text_of(*record, "terminal")), std::string(text_of(*record, "instance")),
                        static_cast<std::uint64_t>(integer_of(*record, "seq")),
                        *digest_from_hex(text_of(*record, "head"))};
    if (!collector.verify(signed_claim(ack), *from_base64(text_of(*record, "sig"))))
        return Error(Errc::refused, "acknowledgement: not signed by the collector");
    return ack;
}

}  // namespace sallyport
