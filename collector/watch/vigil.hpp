// SPDX-License-Identifier: Apache-2.0
//
// Judges what a look saw against what is remembered (decision 14): silence and age become an alarm after five minutes;
// a head that contradicts one seen before is the gravest alarm there is, at once, and stays one until a person accepts
// it: the log of evidence was written anew, or is shown differently to different people. Pure but for asking for
// proofs.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "collector/watch/head_view.hpp"
#include "collector/watch/watch_memory.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::watch {

// collector_silent, broker_silent: nobody answered for so long. head_old: the newest head was signed so long ago.
// head_missing: neither side shows one. head_unproven: the collector does not prove that its newest head grew out of
// the last one. clocks_apart: the newest head is from the future. Grave: head_refused (not signed by the log's key),
// head_of_another_log, head_shrunk, head_forked.
struct Concern {
    std::string kind;
    bool grave = false;
    std::string text;  // one sentence
};

struct VigilOptions {
    std::string ori;
    std::chrono::seconds stale_after{300};
};

class Vigil {
public:
    Vigil(VigilOptions options, std::vector<PublicKey> keys) : options_(std::move(options)), keys_(std::move(keys)) {}

    // What there is to worry about now; moves the memory on: who was heard, and the head that is believed next.
    [[nodiscard]] std::vector<Concern> judge(const Look& look, const AskForGrowth& growth, WatchMemory& memory) const;

private:
    struct Judging;
    VigilOptions options_;
    std::vector<PublicKey> keys_;
};

// What to tell people of these concerns: those that are new, those that last and are due again, those that are over.
// Moves memory.raised on.
struct Tidings {
    std::vector<Concern> raised;
    std::vector<std::string> over;  // kinds
    [[nodiscard]] bool empty() const { return raised.empty() && over.empty(); }
};
[[nodiscard]] Tidings tidings_of(const std::vector<Concern>& concerns, WallTime now, std::chrono::seconds repeat_every,
                                 WatchMemory& memory);

}  // namespace sallyport::watch
