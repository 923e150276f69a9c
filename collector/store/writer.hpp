// SPDX-License-Identifier: Apache-2.0
//
// The one thread that writes the store (system.md 9.7). Jobs are run in order inside a common transaction that is
// committed (FULL) after about 500 events or 20 ms, whichever comes first; each job's promise is kept only after that
// commit. A job that fails is rolled back alone (savepoint), the others stand.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::store {

class Writer {
public:
    // Runs on the writer's thread with the write lock held. Must not block on anything but the database.
    using Job = std::function<Result<void>(Database&)>;
    // Called on the writer's thread after the commit (or with the failure); must return quickly.
    using Done = std::function<void(const Result<void>&)>;

    struct Limits {
        std::size_t events_per_commit = 500;
        std::chrono::milliseconds commit_after{20};
        std::size_t jobs_waiting_max = 20000;
    };

    // Opens and migrates the file, then starts the thread.
    [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file, Limits limits);
    [[nodiscard]] static Result<std::unique_ptr<Writer>> open(const std::filesystem::path& file) {
        return open(file, Limits{});
    }
    virtual ~Writer() = default;  // finishes what was submitted, then stops

    // `weight` counts towards events_per_commit. Errc::exhausted when too many jobs wait: the caller holds back.
    [[nodiscard]] virtual Result<void> submit(Job job, Done done, std::size_t weight) = 0;
    // Submits and waits until it is durable. Not from the writer's thread.
    [[nodiscard]] virtual Result<void> run(Job job) = 0;
    // A read-only connection of one's own, for the calling thread.
    [[nodiscard]] virtual Result<Database> reader() const = 0;
};

}  // namespace sallyport::store
