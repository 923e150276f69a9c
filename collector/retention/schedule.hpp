// SPDX-License-Identifier: Apache-2.0
//
// How long each class of data is kept: the default, the bounds within which an agency may change it, and who must approve
// a deletion (dictionary section 16; decisions 16 and 19).
#pragma once

#include <map>
#include <span>
#include <string_view>

#include "collector/store/deletion_repository.hpp"

namespace sallyport::retention {

struct Class {
    store::DataClass data_class;
    std::string_view what;
    std::chrono::days keep;           // by default
    std::chrono::days least, most;    // an agency's own period lies between
    int approvals;                    // people, none of whom proposed it; 0: the schedule itself is the approval
    std::string_view ground;
};

// In the order in which they are deleted: an incident's alerts become due when it is gone, their events after them.
[[nodiscard]] std::span<const Class> schedule();
[[nodiscard]] const Class& class_of(store::DataClass data_class);

// What an agency may keep for another time only within bounds; Errc::bad_input names them.
[[nodiscard]] Result<void> check_period(const Class& of, std::chrono::days period);

// The periods in force at the store.
[[nodiscard]] Result<std::map<store::DataClass, std::chrono::days>> periods(Database& reader);

// The roles whose word counts as an approval. An administrator runs the service, an auditor reads.
[[nodiscard]] bool may_approve(std::string_view role);

}  // namespace sallyport::retention
