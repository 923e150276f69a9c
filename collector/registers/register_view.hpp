// SPDX-License-Identifier: Apache-2.0
//
// The registers as they will stand after a change: what holds now, with the rows of the change laid over it. For
// checks that look beyond one entry. One thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "collector/store/register_repository.hpp"

namespace sallyport::registers {

class RegisterView {
public:
    using Entries = std::map<std::string, Record, std::less<>>;

    RegisterView(Database& database, WallTime now) : database_(database), now_(now) {}

    [[nodiscard]] Result<void> load(std::string_view register_name);
    void lay_over(std::string_view register_name, const std::string& id, Record data);
    // Empty where the register was not loaded.
    [[nodiscard]] const Entries& entries(std::string_view register_name) const;
    [[nodiscard]] const Record* find(std::string_view register_name, std::string_view id) const;

private:
    Database& database_;
    WallTime now_;
    std::map<std::string, Entries, std::less<>> registers_;
};

}  // namespace sallyport::registers
