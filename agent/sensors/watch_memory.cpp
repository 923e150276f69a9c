// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/watch_memory.hpp"

#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::agent {
namespace {

constexpr JsonLimits kLimits{.bytes_max = 256 * 1024, .depth_max = 4, .fields_max = 8192};

}  // namespace

WatchMemory::WatchMemory(std::filesystem::path file) : file_(std::move(file)) {
    if (file_.empty()) return;
    if (const auto text = read_file(file_))
        if (auto read = read_json_record(*text, kLimits)) known_ = std::move(*read);
}

Record WatchMemory::find(std::string_view name) const {
    const Value* known = known_.find(name);
    const auto* record = known == nullptr ? nullptr : known->as<Record>();
    return record == nullptr ? Record() : *record;
}

void WatchMemory::set(std::string_view name, Record known) {
    if (known_.contains(name) && find(name) == known) return;
    known_.set(name, std::move(known));
    changed_ = true;
}

Result<void> WatchMemory::save() {
    if (!changed_ || file_.empty()) return {};
    if (auto saved = replace_file(file_, write_json(known_), Secrecy::secret); !saved)
        return saved.error().within("what a watch remembers");
    changed_ = false;
    return {};
}

}  // namespace sallyport::agent
