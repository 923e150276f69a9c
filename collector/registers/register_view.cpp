// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/register_view.hpp"

namespace sallyport::registers {

Result<void> RegisterView::load(std::string_view register_name) {
    auto current = store::list_entries(database_, register_name, as_of_, now_);
    if (!current)
        return current.error();
    auto& entries = registers_[std::string(register_name)];
    for (auto& entry : *current)
        entries.insert_or_assign(entry.id, std::move(entry.data));
    return {};
}

void RegisterView::lay_over(std::string_view register_name, const std::string& id, Record data) {
    registers_[std::string(register_name)].insert_or_assign(id, std::move(data));
}

void RegisterView::take_out(std::string_view register_name, const std::string& id) {
    if (const auto at = registers_.find(register_name); at != registers_.end())
        at->second.erase(id);
}

const RegisterView::Entries& RegisterView::entries(std::string_view register_name) const {
    static const Entries kNone;
    const auto at = registers_.find(register_name);
    return at == registers_.end() ? kNone : at->second;
}

const Record* RegisterView::find(std::string_view register_name, std::string_view id) const {
    const Entries& there = entries(register_name);
    const auto at = there.find(id);
    return at == there.end() ? nullptr : &at->second;
}

}  // namespace sallyport::registers
