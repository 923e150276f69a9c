// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/entries.hpp"

#include "collector/evidence/bundle/closed_record.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

// A line of an event may be 16 KiB, and be escaped within; a header counts 500 leaves; a proof has 63 hashes at most.
constexpr JsonLimits kLimits{.bytes_max = 256 * 1024, .depth_max = 10, .fields_max = 4'096};

Value time_or_null(const std::optional<WallTime>& time) {
    return time ? Value(format_time(*time)) : Value();
}

List numbers(const std::vector<std::uint64_t>& numbers) {
    return List(numbers.begin(), numbers.end());
}

// Reads a line's object by `read`, and sees to it that nothing is left.
template <class Entry, class Read>
Result<Entry> decode(std::string_view line, const Read& read) {
    auto record = read_json_record(line, kLimits);
    if (!record) return record.error();
    ClosedRecord fields(*record);
    Entry entry;
    read(fields, entry);
    if (auto end = fields.end(); !end) return end.error();
    return entry;
}

}  // namespace

Record to_record(const EventEntry& entry) {
    Record record{{"event", entry.event},
                  {"role", entry.role},
                  {"terminal", entry.terminal},
                  {"instance", entry.instance},
                  {"seq", entry.seq},
                  {"type", entry.type},
                  {"event_time", format_time(entry.event_time)},
                  {"received_at", format_time(entry.received_at)},
                  {"batch", entry.batch},
                  {"leaf", to_hex(entry.leaf)}};
    if (entry.line)
        record.append("line", *entry.line);
    else
        record.append("withheld", entry.withheld);
    if (entry.shown) record.append("shown", *entry.shown);
    record.append("index", entry.index);
    record.append("proof", base64_list(entry.proof));
    return record;
}

Result<EventEntry> event_entry(std::string_view line) {
    return decode<EventEntry>(line, [](ClosedRecord& fields, EventEntry& entry) {
        entry.event = fields.number("event");
        entry.role = fields.text("role");
        entry.terminal = fields.text("terminal");
        entry.instance = fields.text("instance");
        entry.seq = fields.number("seq");
        entry.type = fields.text("type");
        entry.event_time = fields.time("event_time");
        entry.received_at = fields.time("received_at");
        entry.batch = fields.number("batch");
        entry.leaf = fields.hex_digest("leaf");
        if (fields.has("line"))
            entry.line = fields.text("line");
        else
            entry.withheld = fields.text("withheld");
        if (!entry.line && fields.has("shown")) entry.shown = fields.record("shown");
        entry.index = fields.number("index");
        entry.proof = fields.base64_digests("proof");
    });
}

Record to_record(const BatchEntry& entry) {
    return {{"batch", entry.batch}, {"header", entry.header}, {"leaves", hex_list(entry.leaves)}};
}

Result<BatchEntry> batch_entry(std::string_view line) {
    return decode<BatchEntry>(line, [](ClosedRecord& fields, BatchEntry& entry) {
        entry.batch = fields.number("batch");
        entry.header = fields.text("header");
        entry.leaves = fields.hex_digests("leaves");
    });
}

Record to_record(const KeyEntry& entry) {
    return {{"terminal", entry.terminal},
            {"public_key", entry.public_key},
            {"cert_sha256", entry.cert_sha256},
            {"enrolled_at", format_time(entry.enrolled_at)},
            {"not_after", format_time(entry.not_after)},
            {"revoked_at", time_or_null(entry.revoked_at)},
            {"revoke_reason", entry.revoke_reason ? Value(*entry.revoke_reason) : Value()}};
}

Result<KeyEntry> key_entry(std::string_view line) {
    return decode<KeyEntry>(line, [](ClosedRecord& fields, KeyEntry& entry) {
        entry.terminal = fields.text("terminal");
        entry.public_key = fields.text("public_key");
        entry.cert_sha256 = fields.text("cert_sha256");
        entry.enrolled_at = fields.time("enrolled_at");
        entry.not_after = fields.time("not_after");
        entry.revoked_at = fields.time_or_null("revoked_at");
        entry.revoke_reason = fields.text_or_null("revoke_reason");
    });
}

Record to_record(const HeadEntry& entry) {
    return {{"why", entry.why}, {"note", entry.note}, {"consistency", base64_list(entry.consistency)}};
}

Result<HeadEntry> head_entry(std::string_view line) {
    return decode<HeadEntry>(line, [](ClosedRecord& fields, HeadEntry& entry) {
        entry.why = fields.text("why");
        entry.note = fields.text("note");
        entry.consistency = fields.base64_digests("consistency");
    });
}

Record to_record(const AlertEntry& entry) {
    return {{"alert_id", entry.alert_id},
            {"rule_version", entry.rule_version},
            {"rule_kept", entry.rule_kept},
            {"evidence", numbers(entry.evidence)},
            {"alert", entry.view}};
}

Result<AlertEntry> alert_entry(std::string_view line) {
    return decode<AlertEntry>(line, [](ClosedRecord& fields, AlertEntry& entry) {
        entry.alert_id = fields.text("alert_id");
        entry.rule_version = fields.text("rule_version");
        entry.rule_kept = fields.flag("rule_kept");
        entry.evidence = fields.numbers("evidence");
        entry.view = fields.record("alert");
    });
}

}  // namespace sallyport::evidence
