// SPDX-License-Identifier: Apache-2.0
//
// Signs the heads of the collector's evidence logs: one a minute, at each conversion of alerts into an incident, and whenever
// another room asks. A quiet log is signed as well: whoever watches from outside tells a living log from a dead one by the
// time in its head.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "collector/evidence/evidence_log.hpp"
#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::evidence {

struct PublishedHead {
    std::string ori;
    std::string checkpoint;
};

class HeadSigner {
public:
    // After the commit, on the writer's thread: heads are told in the order in which they were signed. Must return quickly.
    using Publish = std::function<void(const PublishedHead&)>;

    // `former`: keys of this log that were rotated out and under which heads are kept. All outlive the signer.
    HeadSigner(store::Writer& writer, const Clock& clock, SigningKey key, std::vector<PublicKey> former, Publish publish);

    // A head for each agency that covers every line committed before the call; durable and published when it returns. Any
    // thread but the writer's. With a failure of one agency the others are signed all the same.
    [[nodiscard]] Result<void> sign(HeadReason reason);
    // Signs when a minute has passed since the last head of any reason, and when alerts became an incident since the last
    // look, whoever converted them. One thread.
    [[nodiscard]] Result<void> sign_when_due();

private:
    [[nodiscard]] Result<void> catch_up();
    [[nodiscard]] Result<bool> was_converted();
    [[nodiscard]] Result<void> sign_agency(const std::string& ori, HeadReason reason);

    store::Writer& writer_;
    const Clock& clock_;
    const SigningKey key_;
    const std::vector<PublicKey> known_;
    const Publish publish_;
    std::atomic<MonotonicTime> signed_at_{MonotonicTime::max()};  // max: not yet
    std::optional<Database> reader_;                              // sign_when_due() only
    std::optional<std::int64_t> seen_act_;  // of the audit log; nothing before the first look; sign_when_due() only
};

// Keeps the heads coming on a thread of its own: one at the start, then one when due. A failure is given to `complain`,
// which hears of it once and again when it is another one.
class HeadThread {
public:
    HeadThread(HeadSigner& signer, std::function<void(const Error&)> complain);
    ~HeadThread();
    HeadThread(const HeadThread&) = delete;
    HeadThread& operator=(const HeadThread&) = delete;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace sallyport::evidence
