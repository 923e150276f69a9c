// SPDX-License-Identifier: Apache-2.0
//
// Lines that carry the mark of a drill, as they are stored: an answer of the drill where the mark is believed, `server.drill`
// where it is not. Such a line is judged as if it had no mark (collector/alerts/event_reader.hpp).
#pragma once

#include "collector/intake/admission.hpp"

namespace sallyport::intake {

// Of the lines that were just stored; in their transaction. What must be told is added to `admitted`.
[[nodiscard]] Result<void> note_marks(Database& database, const CheckedBatch& checked, WallTime now, Admitted& admitted);

}  // namespace sallyport::intake
