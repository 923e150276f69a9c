// SPDX-License-Identifier: Apache-2.0
//
// A writer with a duty: a job that runs last in each group that is about to be committed, and makes true what must be true
// of every commit. When it fails, none of the group stands.
#pragma once

#include "collector/store/writer.hpp"

namespace sallyport::store {

[[nodiscard]] Result<std::unique_ptr<Writer>> open_writer(const std::filesystem::path& file, Writer::Limits limits,
                                                          Writer::Job before_commit);

}  // namespace sallyport::store
