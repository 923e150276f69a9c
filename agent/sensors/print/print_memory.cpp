// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/print_memory.hpp"

#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::agent {
namespace {

constexpr JsonLimits kLimits{.bytes_max = 4 * 1024 * 1024, .depth_max = 6, .fields_max = 200'000};

Record open_job(std::uint32_t id, PrintJobState state) {
    return {{"id", std::int64_t{id}}, {"held", state == PrintJobState::held}};
}

Record queue_entry(const std::string& name, const PrinterIdentity& printer) {
    return {
        {"name", name}, {"hash", printer.hash}, {"kind", printer.kind}, {"token", printer.id.has_value()}};
}

const List& list_of(const Record& record, std::string_view name) {
    static const List kNone;
    const Value* value = record.find(name);
    const List* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? kNone : *list;
}

}  // namespace

Result<PrintMemory> load_print_memory(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text && text.error().code() == Errc::not_found) return PrintMemory{};
    if (!text) return text.error().within("print memory");
    auto read = read_json_record(*text, kLimits);
    if (!read) return Error(Errc::corrupt, "print memory: " + file.string() + ": " + read.error().message());
    PrintMemory memory;
    memory.started = true;
    memory.highest_job = static_cast<std::uint32_t>(integer_of(*read, "highest_job"));
    if (const auto created = integer_of(*read, "highest_created_ms"); created > 0)
        memory.highest_created_at = WallTime(std::chrono::milliseconds(created));
    memory.default_queue = text_of(*read, "default_queue");
    for (const auto& value : list_of(*read, "open"))
        if (const auto* job = value.as<Record>())
            memory.open[static_cast<std::uint32_t>(integer_of(*job, "id"))] =
                flag_of(*job, "held") ? PrintJobState::held : PrintJobState::pending;
    for (const auto& value : list_of(*read, "queues"))
        if (const auto* queue = value.as<Record>()) {
            const std::string name(text_of(*queue, "name"));
            memory.queues[name] = {flag_of(*queue, "token") ? std::optional(name) : std::nullopt,
                                   std::string(text_of(*queue, "hash")),
                                   std::string(text_of(*queue, "kind"))};
        }
    return memory;
}

Result<void> save_print_memory(const PrintMemory& memory, const std::filesystem::path& file) {
    List open;
    for (const auto& [id, state] : memory.open)
        open.emplace_back(open_job(id, state));
    List queues;
    for (const auto& [name, printer] : memory.queues)
        queues.emplace_back(queue_entry(name, printer));
    Record record{{"highest_job", std::int64_t{memory.highest_job}}};
    if (memory.highest_created_at)
        record.set("highest_created_ms", std::int64_t{memory.highest_created_at->time_since_epoch().count()});
    record.set("default_queue", memory.default_queue);
    record.set("open", std::move(open));
    record.set("queues", std::move(queues));
    auto saved = replace_file(file, write_json(record), Secrecy::secret);
    return saved ? saved : Result<void>(saved.error().within("print memory"));
}

}  // namespace sallyport::agent
