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

    // As known now, of now or of another time.
    RegisterView(Database& database, WallTime now) : RegisterView(database, now, now) {}
    RegisterView(Database& database, WallTime now, WallTime as_of) : database_(database), now_(now), as_of_(as_of) {}

    [[nodiscard]] Result<void> load(std::string_view register_name);
    void lay_over(std::string_view register_name, const std::string& id, Record data);
    void take_out(std::string_view register_name, const std::string& id);
    [[nodiscard]] WallTime now() const { return now_; }
    // Empty where the register was not loaded.
    [[nodiscard]] const Entries& entries(std::string_view register_name) const;
    [[nodiscard]] const Record* find(std::string_view register_name, std::string_view id) const;

private:
    Database& database_;
    WallTime now_, as_of_;
    std::map<std::string, Entries, std::less<>> registers_;
};

}  // namespace sallyport::registers
