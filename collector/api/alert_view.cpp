// SPDX-License-Identifier: Apache-2.0
#include "collector/api/alert_view.hpp"

#include "collector/api/terminal_board.hpp"
#include "collector/store/records.hpp"

namespace sallyport::api {

Record alert_view(const store::Alert& alert, const TerminalBoard& board) {
    const auto place = board.place_of(alert.terminal_id.value_or(""), alert.room_id.value_or(""),
                                      alert.site_id.value_or(""));
    Record view = store::to_record(alert);
    view.set("room_label", place.room).set("site_name", place.site);
    return view;
}

}  // namespace sallyport::api
