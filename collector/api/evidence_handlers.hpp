// SPDX-License-Identifier: Apache-2.0
//
// The evidence log for whoever checks it from outside: its newest signed head, proofs, tiles (docs/formats/evidence-log.md).
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

// `ori` names the agency where the collector serves more than one.
[[nodiscard]] Response show_checkpoint(const Request& request, Context& context);
// `from`, `to`: sizes up to that of the newest head. As `sallyportctl evidence check-proof` takes it.
[[nodiscard]] Response show_consistency(const Request& request, Context& context);
// `event`: its ingest_id; `size`: of a signed head, else the newest. As check-proof takes it.
[[nodiscard]] Response show_inclusion(const Request& request, Context& context);
// `/tile/<L>/<N>[.p/<W>]` of c2sp.org/tlog-tiles, of the newest head's tree.
[[nodiscard]] Response show_tile(const Request& request, Context& context);

}  // namespace sallyport::api
