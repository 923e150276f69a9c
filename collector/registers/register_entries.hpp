// SPDX-License-Identifier: Apache-2.0
//
// The entries of any register for people: those that are kept as such, and the certificates, which are a view of the
// keys that enrolment wrote (dictionary section 5). Any thread with a connection of its own.
#pragma once

#include <vector>

#include "collector/registers/register_catalogue.hpp"
#include "collector/store/register_repository.hpp"

namespace sallyport::registers {

// As of T, as known at K (system.md 9.8), sorted by id.
[[nodiscard]] Result<std::vector<store::RegisterEntry>> entries_of(Database& database, const Register& table,
                                                                   WallTime as_of, WallTime known_at);
// Every version of one entry, oldest first; empty when there never was one.
[[nodiscard]] Result<std::vector<store::RegisterEntry>> versions_of(Database& database, const Register& table,
                                                                    std::string_view id);

}  // namespace sallyport::registers
