// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/head_signer.hpp"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "collector/evidence/tree_tiles.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kSlice = 5'000;
constexpr MonotonicTime kEvery{60'000};
constexpr std::chrono::seconds kLookEvery{1};

std::vector<PublicKey> with(std::vector<PublicKey> keys, PublicKey key) {
    keys.push_back(std::move(key));
    return keys;
}

}  // namespace

HeadSigner::HeadSigner(store::Writer& writer, const Clock& clock, SigningKey key, std::vector<PublicKey> former, Publish publish)
    : writer_(writer), clock_(clock), key_(std::move(key)), known_(with(std::move(former), key_.public_key())),
      publish_(std::move(publish)) {}

Result<void> HeadSigner::sign(HeadReason reason) {
    if (auto done = catch_up(); !done)
        return done;
    std::vector<store::EvidenceTree> trees;
    auto listed = writer_.run([&trees](Database& database) -> Result<void> {
        auto found = store::list_growing_trees(database);
        if (!found)
            return found.error();
        trees = std::move(*found);
        return {};
    });
    if (!listed)
        return listed;
    std::optional<Error> failure;
    for (const store::EvidenceTree& tree : trees)
        if (auto done = sign_agency(tree.ori, reason); !done && !failure)
            failure = done.error();
    if (failure)
        return *failure;
    signed_at_ = clock_.monotonic();
    return {};
}

Result<void> HeadSigner::sign_when_due() {
    auto converted = was_converted();
    if (!converted)
        return converted.error();
    if (*converted)
        return sign(HeadReason::conversion);
    const MonotonicTime last = signed_at_;
    const bool is_due = last == MonotonicTime::max() || clock_.monotonic() - last >= kEvery;
    return is_due ? sign(HeadReason::interval) : Result<void>();
}

Result<bool> HeadSigner::was_converted() {
    if (!reader_) {
        auto reader = writer_.reader();
        if (!reader)
            return reader.error();
        reader_ = std::move(*reader);
    }
    auto look = store::look_for_conversions(*reader_, seen_act_.value_or(0));
    if (!look)
        return look.error();
    const bool first = !seen_act_;
    seen_act_ = look->log_id;
    return look->found && !first;  // the head at the start covers what was before
}

// Each commit takes its own lines along; what an older program left behind is taken in slices between other jobs.
Result<void> HeadSigner::catch_up() {
    for (std::size_t grown = kSlice; grown >= kSlice;) {
        auto done = writer_.run([&grown](Database& database) -> Result<void> {
            auto looked_at = grow_trees(database, kSlice);
            if (!looked_at)
                return looked_at.error();
            grown = *looked_at;
            return {};
        });
        if (!done)
            return done;
    }
    return {};
}

Result<void> HeadSigner::sign_agency(const std::string& ori, HeadReason reason) {
    PublishedHead published{ori, {}};
    std::promise<Result<void>> promise;
    auto committed = promise.get_future();
    auto submitted = writer_.submit(
        [&](Database& database) -> Result<void> {
            auto head = sign_head(database, ori, key_, known_, clock_.now(), reason);
            if (!head)
                return head.error();
            published.checkpoint = head->checkpoint;
            return {};
        },
        [&](const Result<void>& done) {
            if (done)
                publish_(published);
            promise.set_value(done);
        },
        1);
    return submitted ? committed.get() : submitted;
}

struct HeadThread::Running {
    HeadSigner& signer;
    std::function<void(const Error&)> complain;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::string complained_of;
    std::jthread thread;

    void work(const std::stop_token& stop) {
        tell(signer.sign(HeadReason::start));
        while (!stop.stop_requested()) {
            {
                std::unique_lock lock(mutex);
                wake.wait_for(lock, stop, kLookEvery, [] { return false; });
            }
            if (!stop.stop_requested())
                tell(signer.sign_when_due());
        }
    }

    void tell(const Result<void>& done) {
        const std::string fault = done ? std::string() : done.error().message();
        if (!done && fault != complained_of)
            complain(done.error());
        complained_of = fault;
    }
};

HeadThread::HeadThread(HeadSigner& signer, std::function<void(const Error&)> complain)
    : running_(new Running{signer, std::move(complain), {}, {}, {}, {}}) {
    running_->thread = std::jthread([running = running_.get()](const std::stop_token& stop) { running->work(stop); });
}

HeadThread::~HeadThread() {
    running_->thread.request_stop();
    running_->thread.join();
}

}  // namespace sallyport::evidence
