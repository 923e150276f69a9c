// SPDX-License-Identifier: Apache-2.0
//
// One collector a store: two would number the same events twice, and a restore must not pull the file away from under one.
// sallyportctl's short transactions beside a running collector do not need it (docs/decisions/0008).
#pragma once

#include <filesystem>
#include <memory>

#include "protocol/result.hpp"

namespace sallyport::store {

// Held until it dies, with the process at the latest.
class StoreLock {
public:
    // Errc::unavailable when another process has it. The lock is on a file `<store>.lock` beside it.
    [[nodiscard]] static Result<StoreLock> take(const std::filesystem::path& store);

private:
    explicit StoreLock(std::shared_ptr<void> held) : held_(std::move(held)) {}
    std::shared_ptr<void> held_;
};

}  // namespace sallyport::store
