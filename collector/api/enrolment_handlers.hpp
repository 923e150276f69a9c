// SPDX-License-Identifier: Apache-2.0
//
// Terminals ask here for their certificates, without a log-in: a token or an enrolled key speaks for them, and how often
// is bounded. People decide here; nothing is signed, as the collector holds no key of the authority.
// Contract: docs/formats/enrolment.md.
#pragma once

#include "collector/api/context.hpp"

namespace sallyport::api {

// The authority's certificate and the collector's public key, for whoever knows the fingerprint.
[[nodiscard]] Response show_authority(const Request& request, Context& context);
[[nodiscard]] Response request_enrolment(const Request& request, Context& context);
[[nodiscard]] Response request_renewal(const Request& request, Context& context);
// What became of a request; its id is the secret of the one who made it.
[[nodiscard]] Response show_enrolment(const Request& request, Context& context);

[[nodiscard]] Response list_enrolments(const Request& request, Context& context);
[[nodiscard]] Response approve_enrolment(const Request& request, Context& context);
[[nodiscard]] Response refuse_enrolment(const Request& request, Context& context);

}  // namespace sallyport::api
