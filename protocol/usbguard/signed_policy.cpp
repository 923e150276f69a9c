// SPDX-License-Identifier: Apache-2.0
#include "protocol/usbguard/signed_policy.hpp"

#include "protocol/json.hpp"
#include "protocol/schema.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::usbguard {
namespace {

constexpr FieldSpec kFields[] = {
    {"v", FieldKind::integer, true, 1, 1, {}, {}},
    {"terminal", FieldKind::token, true, 1, 64, {}, {}},
    {"version", FieldKind::integer, true, 1, INT64_MAX, {}, {}},
    {"issued_at", FieldKind::time, true, 0, 0, {}, {}},
    {"rules_sha256", FieldKind::hex, true, 64, 64, {}, {}},
    {"sig", FieldKind::base64, true, 4, 128, {}, {}},
};

Error refused(std::string_view why) { return Error(Errc::refused, "usb policy: " + std::string(why)); }

Bytes signed_claim(Record head) {
    Bytes claim;
    append_framed(claim, "sallyport/1/usb-policy");
    append_framed(claim, write_json(head));
    return claim;
}

Record head_of(std::string_view terminal, std::int64_t version, std::string_view issued_at, std::string_view sha256) {
    return {{"v", 1},
            {"terminal", terminal},
            {"version", version},
            {"issued_at", issued_at},
            {"rules_sha256", sha256}};
}

// The first thing that keeps a terminal from acting on them.
Result<void> check_rules(const RuleSet& rules) {
    if (!rules.faults.empty()) return Error(Errc::bad_input, "usb policy: " + rules.faults.front().text());
    for (const NumberedRule& one : rules.rules)
        if (const auto why = why_not_enforceable(one.rule); !why.empty())
            return refused(RuleFault{one.line, why}.text());
    return {};
}

}  // namespace

Result<std::string> encode_policy(std::string_view terminal, std::int64_t version, WallTime issued_at,
                                  std::string_view rules, const SigningKey& collector) {
    const RuleSet set = read_rule_set(rules);
    if (auto good = check_rules(set); !good) return good.error();
    Record head = head_of(terminal, version, format_time(issued_at), set.sha256);
    auto signature = collector.sign(signed_claim(head));
    if (!signature) return signature.error().within("usb policy");
    head.append("sig", to_base64(*signature));
    if (auto fault = check_fields(head, kFields))
        return Error(Errc::bad_input, "usb policy: field '" + fault->field + "': " + fault->reason);
    return write_json(head) + "\n" + std::string(rules);
}

Result<SignedPolicy> decode_policy(std::string_view text, const PublicKey& collector) {
    const auto end = text.find('\n');
    auto head = read_json_record(text.substr(0, end), JsonLimits{.bytes_max = 2048, .depth_max = 1, .fields_max = 16});
    if (!head) return head.error().within("usb policy");
    if (auto fault = check_fields(*head, kFields))
        return Error(Errc::bad_input, "usb policy: field '" + fault->field + "': " + fault->reason);
    const auto issued_at = parse_time(text_of(*head, "issued_at"));
    if (!issued_at) return refused("without its time");
    const auto rules = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    SignedPolicy policy{std::string(text_of(*head, "terminal")), integer_of(*head, "version"), *issued_at,
                        read_rule_set(rules)};
    if (policy.rules.sha256 != text_of(*head, "rules_sha256")) return refused("these are not the rules that were signed");
    const Record claimed = head_of(policy.terminal, policy.version, text_of(*head, "issued_at"), policy.rules.sha256);
    if (!collector.verify(signed_claim(claimed), *from_base64(text_of(*head, "sig"))))
        return refused("not signed by the collector, or changed since");
    if (auto good = check_rules(policy.rules); !good) return good.error();
    return policy;
}

}  // namespace sallyport::usbguard
