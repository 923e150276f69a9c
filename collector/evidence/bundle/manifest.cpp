// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/manifest.hpp"

#include <algorithm>
#include <array>

#include "collector/evidence/bundle/closed_record.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::array<std::string_view, 2> kForms = {"full", "redacted"};
constexpr std::array<std::string_view, 11> kNames = {
    "READ-ME-FIRST.html", "alerts.jsonl",  "audit.jsonl", "batches.jsonl", "checks.jsonl",   "events.jsonl",
    "heads.jsonl",        "incident.json", "keys.jsonl",  "limits.jsonl",  "registers.jsonl"};
constexpr JsonLimits kLimits{.bytes_max = kManifestBytesMax, .depth_max = 4, .fields_max = kMembersMax * 5};

// folder/<64 hex digits>suffix
bool is_named_by_hash(std::string_view name, std::string_view folder, std::string_view suffix) {
    return name.size() == folder.size() + 64 + suffix.size() && name.starts_with(folder) && name.ends_with(suffix) &&
           digest_from_hex(name.substr(folder.size(), 64)).ok();
}

Bytes signed_claim(std::string_view manifest) {
    Bytes claim;
    append_framed(claim, "sallyport/1/evidence-bundle");
    append_framed(claim, manifest);
    return claim;
}

MemberDigest decode_member(const Value& item, ClosedRecord& manifest) {
    static const Record kNothing;
    const auto* record = item.as<Record>();
    ClosedRecord fields(record != nullptr ? *record : kNothing);
    MemberDigest member{fields.text("name"), fields.number("size"), fields.hex_digest("sha256")};
    if (auto end = fields.end(); !end) manifest.fail("members", end.error().message());
    return member;
}

void decode_members(Manifest& manifest, ClosedRecord& fields) {
    for (const Value& item : fields.list("members")) {
        manifest.members.push_back(decode_member(item, fields));
        const std::string& name = manifest.members.back().name;
        if (!is_member_name(name)) fields.fail("members", "has a name that no member of this format has");
        if (manifest.members.size() > 1 && !((manifest.members.end() - 2)->name < name))
            fields.fail("members", "is not in the order of names, or has one twice");
    }
}

}  // namespace

std::string_view to_string(BundleForm form) {
    return kForms[static_cast<std::size_t>(form)];
}

bool is_member_name(std::string_view name) {
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end() ||
           is_named_by_hash(name, "certificates/", ".pem") || is_named_by_hash(name, "rules/", ".yml");
}

std::string encode_manifest(const Manifest& manifest) {
    List members;
    for (const MemberDigest& member : manifest.members)
        members.emplace_back(
            Record{{"name", member.name}, {"size", member.size}, {"sha256", to_hex(member.sha256)}});
    return write_json(Record{{"format", kBundleFormat},
                             {"form", to_string(manifest.form)},
                             {"ori", manifest.ori},
                             {"incident_id", manifest.incident_id},
                             {"incident_number", manifest.incident_number},
                             {"exported_by", manifest.exported_by},
                             {"exported_role", manifest.exported_role},
                             {"exported_at", format_time(manifest.exported_at)},
                             {"purpose", manifest.purpose},
                             {"log_origin", manifest.log_origin},
                             {"log_size", manifest.log_size},
                             {"log_root", to_base64(manifest.log_root)},
                             {"events", manifest.events},
                             {"withheld", manifest.withheld},
                             {"members", std::move(members)}});
}

Result<Manifest> decode_manifest(std::string_view text) {
    auto record = read_json_record(text, kLimits);
    if (!record) return record.error();
    ClosedRecord fields(*record);
    Manifest manifest;
    if (fields.text("format") != kBundleFormat) fields.fail("format", "is not " + std::string(kBundleFormat));
    const std::string form = fields.text("form");
    if (std::find(kForms.begin(), kForms.end(), form) == kForms.end()) fields.fail("form", "is not known");
    manifest.form = form == kForms[0] ? BundleForm::full : BundleForm::redacted;
    manifest.ori = fields.text("ori");
    manifest.incident_id = fields.text("incident_id");
    manifest.incident_number = fields.text("incident_number");
    manifest.exported_by = fields.text("exported_by");
    manifest.exported_role = fields.text("exported_role");
    manifest.exported_at = fields.time("exported_at");
    manifest.purpose = fields.text("purpose");
    manifest.log_origin = fields.text("log_origin");
    manifest.log_size = fields.number("log_size");
    manifest.log_root = fields.base64_digest("log_root");
    manifest.events = fields.number("events");
    manifest.withheld = fields.number("withheld");
    decode_members(manifest, fields);
    if (auto end = fields.end(); !end) return end.error();
    return manifest;
}

Result<std::string> sign_manifest(std::string_view manifest, const SigningKey& key) {
    auto signature = key.sign(signed_claim(manifest));
    if (!signature) return signature.error().within("manifest");
    return to_base64(*signature) + "\n";
}

Result<void> verify_manifest(std::string_view manifest, std::string_view signature, std::span<const PublicKey> keys) {
    if (!signature.ends_with('\n')) return Error(Errc::refused, "does not end with a line feed");
    auto bytes = from_base64(signature.substr(0, signature.size() - 1));
    if (!bytes) return Error(Errc::refused, "is no base64");
    const Bytes claim = signed_claim(manifest);
    const bool fits = std::any_of(keys.begin(), keys.end(), [&](const PublicKey& key) { return key.verify(claim, *bytes); });
    return fits ? Result<void>() : Result<void>(Error(Errc::refused, "the signature does not fit manifest and key"));
}

}  // namespace sallyport::evidence
