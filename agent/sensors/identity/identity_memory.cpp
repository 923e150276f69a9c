// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/identity_memory.hpp"

#include <fstream>
#include <iterator>

#include "protocol/json.hpp"

namespace sallyport::agent {

Result<IdentityMemory> load_identity_memory(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return IdentityMemory{};
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto read = read_json_record(text);
    if (!read)
        return Error(Errc::corrupt, "identity memory: " + file.string() + ": " + read.error().message());
    IdentityMemory memory;
    memory.boot_id = text_of(*read, "boot_id");
    const Value* value = read->find("components");
    const Record* components = value == nullptr ? nullptr : value->as<Record>();
    if (components == nullptr) return memory;
    for (const auto& [name, names] : *components) {
        auto& known = memory.components[name];
        if (const List* list = names.as<List>())
            for (const Value& item : *list)
                if (const auto* hash = item.as<std::string>()) known.insert(*hash);
    }
    return memory;
}

Result<void> save_identity_memory(const IdentityMemory& memory, const std::filesystem::path& file) {
    Record components;
    for (const auto& [name, names] : memory.components)
        components.set(name, List(names.begin(), names.end()));
    const Record record{{"boot_id", memory.boot_id}, {"components", std::move(components)}};

    const std::filesystem::path fresh = file.string() + ".new";
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << write_json(record);
    out.close();
    std::error_code failed;
    if (out) std::filesystem::rename(fresh, file, failed);
    if (!out || failed) return Error(Errc::io, "identity memory: " + file.string() + ": cannot be written");
    return {};
}

}  // namespace sallyport::agent
