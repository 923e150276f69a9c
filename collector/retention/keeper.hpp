// SPDX-License-Identifier: Apache-2.0
//
// The collector's own hand at retention: once a day, at three in the morning by the county's clock, it proposes what is past
// its period; whenever something is approved it deletes it, a slice at a time, and empties the write-ahead log after the
// last one, so that what was deleted is nowhere in the files.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "collector/retention/retention.hpp"

namespace sallyport::retention {

class Keeper {
public:
    [[nodiscard]] static Result<std::unique_ptr<Keeper>> open(std::filesystem::path store, store::Writer& writer,
                                                              const Clock& clock);
    // Proposes when it is time, then one slice of what is approved. True while there is more to do at once.
    [[nodiscard]] Result<bool> run_due();

private:
    Keeper(std::filesystem::path store, store::Writer& writer, Database reader, const Clock& clock);
    [[nodiscard]] Result<void> propose_due();
    [[nodiscard]] Result<std::optional<std::int64_t>> next_approved();

    std::filesystem::path store_;
    store::Writer& writer_;
    Database reader_;
    const Clock& clock_;
    Deleter deleter_;
    std::string proposed_day_;
    bool to_empty_ = true;  // a run before this one may have ended in the middle
};

// Runs it on a thread of its own; ends with the object. A failure is given to `complain`, and tried again later.
class KeeperThread {
public:
    KeeperThread(std::unique_ptr<Keeper> keeper, std::function<void(const Error&)> complain);
    ~KeeperThread();
    KeeperThread(const KeeperThread&) = delete;
    KeeperThread& operator=(const KeeperThread&) = delete;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace sallyport::retention
