// SPDX-License-Identifier: Apache-2.0
#include "collector/store/drill_marks.hpp"

#include "collector/store/drill_repository.hpp"

namespace sallyport::store {

Result<std::string_view> fault_of_mark(Database& database, const Event& event) {
    auto drill = find_drill(database, *event.drill, event.observed_at);
    if (!drill) return drill.error().within("drill mark");
    if (!*drill) return std::string_view("unknown_drill");
    if ((*drill)->terminal_id != event.terminal_id) return std::string_view("other_terminal");
    return sallyport::fault_of_mark((*drill)->order, event);
}

}  // namespace sallyport::store
