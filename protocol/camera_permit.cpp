// SPDX-License-Identifier: Apache-2.0
#include "protocol/camera_permit.hpp"

#include "protocol/json.hpp"
#include "protocol/schema.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport {
namespace {

constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"room", FieldKind::token, true, 1, 64, {}, {}},
    {"notice_posted_on", FieldKind::token, true, 10, 10, {}, {}},
    {"bargaining_ref", FieldKind::token, true, 1, 64, {}, {}},
    {"issued_at", FieldKind::time, true, 0, 0, {}, {}},
    {"expires_at", FieldKind::time, true, 0, 0, {}, {}},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

Record to_record(const CameraPermit& permit) {
    return {{"v", 1},
            {"terminal", permit.terminal},
            {"room", permit.room},
            {"notice_posted_on", permit.notice_posted_on},
            {"bargaining_ref", permit.bargaining_ref},
            {"issued_at", format_time(permit.issued_at)},
            {"expires_at", format_time(permit.expires_at)}};
}

Bytes signed_claim(const CameraPermit& permit) {
    Bytes claim;
    append_framed(claim, "sallyport/1/camera-permit");
    append_framed(claim, write_json(to_record(permit)));
    return claim;
}

Result<void> check_span(const CameraPermit& permit) {
    if (permit.expires_at <= permit.issued_at || permit.expires_at - permit.issued_at > kCameraPermitLongest)
        return Error(Errc::refused, "camera permit: lasts longer than seven days, or not at all");
    return {};
}

}  // namespace

Result<std::string> encode_camera_permit(const CameraPermit& permit, const SigningKey& collector) {
    if (auto good = check_span(permit); !good)
        return good.error();
    auto signature = collector.sign(signed_claim(permit));
    if (!signature)
        return signature.error().within("camera permit");
    Record record = to_record(permit);
    record.append("sig", to_base64(*signature));
    if (auto fault = check_fields(record, kFields))
        return Error(Errc::bad_input, "camera permit: field '" + fault->field + "': " + fault->reason);
    return write_json(record);
}

Result<CameraPermit> decode_camera_permit(std::string_view text, const PublicKey& collector) {
    auto record = read_json_record(text, JsonLimits{.bytes_max = 2048, .depth_max = 1, .fields_max = 16});
    if (!record)
        return record.error().within("camera permit");
    if (auto fault = check_fields(*record, kFields))
        return Error(Errc::bad_input, "camera permit: field '" + fault->field + "': " + fault->reason);
    auto issued_at = parse_time(text_of(*record, "issued_at"));
    auto expires_at = parse_time(text_of(*record, "expires_at"));
    if (!issued_at || !expires_at)
        return Error(Errc::bad_input, "camera permit: without its times");
    CameraPermit permit{std::string(text_of(*record, "terminal")), std::string(text_of(*record, "room")),
                        std::string(text_of(*record, "notice_posted_on")),
                        std::string(text_of(*record, "bargaining_ref")), *issued_at, *expires_at};
    if (!collector.verify(signed_claim(permit), *from_base64(text_of(*record, "sig"))))
        return Error(Errc::refused, "camera permit: not signed by the collector");
    if (auto good = check_span(permit); !good)
        return good.error();
    return permit;
}

}  // namespace sallyport
