// SPDX-License-Identifier: Apache-2.0
#include "collector/watch/watch_memory.hpp"

#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::watch {
namespace {

constexpr std::int64_t kVersion = 1;

Error corrupt(const std::filesystem::path& file, std::string_view what) {
    return Error(Errc::corrupt,
                 file.string() + ": " + std::string(what) + "; `sallyportctl watch --accept REASON` begins anew");
}

std::optional<WallTime> time_in(const Record& record, std::string_view name) {
    auto time = parse_time(text_of(record, name));
    return time ? std::optional(*time) : std::nullopt;
}

const Record* record_in(const Record& record, std::string_view name) {
    const Value* value = record.find(name);
    return value == nullptr ? nullptr : value->as<Record>();
}

}  // namespace

Result<std::optional<WatchMemory>> load_memory(const std::filesystem::path& file) {
    std::error_code failed;
    if (!std::filesystem::exists(file, failed)) return std::optional<WatchMemory>();
    const auto text = read_file(file);
    if (!text) return text.error();
    const auto record = read_json_record(*text);
    if (!record || integer_of(*record, "version") != kVersion) return corrupt(file, "is no memory of a watch");
    WatchMemory memory;
    const auto began = time_in(*record, "began");
    const Record* heard = record_in(*record, "heard");
    const Record* raised = record_in(*record, "raised");
    if (!began || heard == nullptr || raised == nullptr) return corrupt(file, "has a field missing");
    memory.began = *began;
    if (const auto checkpoint = text_of(*record, "checkpoint"); !checkpoint.empty()) memory.checkpoint = checkpoint;
    for (const auto& [side, value] : *heard) {
        const auto at = time_in(*heard, side);
        if (!at) return corrupt(file, "has a time that is none");
        memory.heard[side] = *at;
    }
    for (const auto& [kind, value] : *raised) {
        const Record* alarm = value.as<Record>();
        const auto since = alarm == nullptr ? std::nullopt : time_in(*alarm, "since");
        const auto told_at = alarm == nullptr ? std::nullopt : time_in(*alarm, "told_at");
        if (!since || !told_at) return corrupt(file, "has a time that is none");
        memory.raised[kind] = {*since, *told_at};
    }
    return std::optional(std::move(memory));
}

Result<void> save_memory(const std::filesystem::path& file, const WatchMemory& memory) {
    Record heard, raised;
    for (const auto& [side, at] : memory.heard)
        heard.set(side, format_time(at));
    for (const auto& [kind, alarm] : memory.raised)
        raised.set(kind, Record{{"since", format_time(alarm.since)}, {"told_at", format_time(alarm.told_at)}});
    const Record record{{"version", kVersion},
                        {"began", format_time(memory.began)},
                        {"checkpoint", memory.checkpoint ? Value(*memory.checkpoint) : Value()},
                        {"heard", std::move(heard)},
                        {"raised", std::move(raised)}};
    return replace_file(file, write_json(record) + "\n", Secrecy::secret);
}

}  // namespace sallyport::watch
