// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/identity_memory.hpp"

#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::agent {
namespace {

// A server has hundreds of PCI functions.
constexpr JsonLimits kLimits{.bytes_max = 256 * 1024, .depth_max = 4, .fields_max = 4096};

}  // namespace

Result<IdentityMemory> load_identity_memory(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text && text.error().code() == Errc::not_found) return IdentityMemory{};
    if (!text) return text.error().within("identity memory");
    const auto read = read_json_record(*text, kLimits);
    if (!read)
        return Error(Errc::corrupt, "identity memory: " + file.string() + ": " + read.error().message());
    IdentityMemory memory;
    memory.boot_id = text_of(*read, "boot_id");
    const Value* groups = read->find("groups");
    if (groups == nullptr || groups->as<Record>() == nullptr) return memory;
    for (const auto& [group, components] : *groups->as<Record>()) {
        Components& known = memory.groups[group];
        if (const auto* named = components.as<Record>())
            for (const auto& [hash, kind] : *named)
                if (const auto* word = kind.as<std::string>()) known[hash] = *word;
    }
    return memory;
}

Result<void> save_identity_memory(const IdentityMemory& memory, const std::filesystem::path& file) {
    Record groups;
    for (const auto& [group, components] : memory.groups) {
        Record known;
        for (const auto& [hash, kind] : components)
            known.append(hash, kind);
        groups.append(group, std::move(known));
    }
    const Record record{{"boot_id", memory.boot_id}, {"groups", std::move(groups)}};
    auto saved = replace_file(file, write_json(record), Secrecy::secret);
    return saved ? saved : Result<void>(saved.error().within("identity memory"));
}

}  // namespace sallyport::agent
