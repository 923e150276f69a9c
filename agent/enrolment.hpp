// SPDX-License-Identifier: Apache-2.0
//
// The terminal's half of its enrolment: the key is made here and never leaves; a request for its certificate is put
// beside it, to be carried to `sallyportctl terminals enrol`.
#pragma once

#include "agent/configuration.hpp"

namespace sallyport::agent {

// Makes the P-256 key (mode 0600) where broker.key says, unless it is there already, and `NAME.csr` beside it with the
// terminal's id as common name. Returns the request's path.
[[nodiscard]] Result<std::filesystem::path> prepare_enrolment(const Configuration& configuration);

}  // namespace sallyport::agent
