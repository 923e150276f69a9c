// SPDX-License-Identifier: Apache-2.0
#include "collector/retention/keeper.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "collector/registers/county_time.hpp"
#include "collector/store/store_file.hpp"

namespace sallyport::retention {
namespace {

constexpr std::chrono::hours kProposeAt{3};
constexpr std::chrono::seconds kLookEvery{30};
// Between two slices: terminals' lines and people's acts go first.
constexpr std::chrono::milliseconds kPause{20};

}  // namespace

Keeper::Keeper(std::filesystem::path store, store::Writer& writer, Database reader, const Clock& clock)
    : store_(std::move(store)),
      writer_(writer),
      reader_(std::move(reader)),
      clock_(clock),
      deleter_(reader_, clock, [&writer](const store::Writer::Job& job) { return writer.run(job); }) {}

Result<std::unique_ptr<Keeper>> Keeper::open(std::filesystem::path store, store::Writer& writer, const Clock& clock) {
    auto reader = writer.reader();
    if (!reader)
        return reader.error().within("retention");
    return std::unique_ptr<Keeper>(new Keeper(std::move(store), writer, std::move(*reader), clock));
}

Result<bool> Keeper::run_due() {
    if (auto done = propose_due(); !done)
        return done.error().within("retention");
    auto next = next_approved();
    if (!next)
        return next.error().within("retention");
    if (*next) {
        to_empty_ = true;
        auto more = deleter_.run_slice(**next);
        return more ? Result<bool>(true) : Result<bool>(more.error().within("retention"));
    }
    if (to_empty_) {
        auto emptied = store::empty_write_ahead_log(store_);
        if (!emptied)
            return emptied.error().within("retention");
        to_empty_ = !*emptied;
    }
    return false;
}

// A collector that was down at three makes up for it when it is back.
Result<void> Keeper::propose_due() {
    const registers::LocalTime local = registers::county_time(clock_.now());
    const auto today = std::chrono::floor<std::chrono::days>(local);
    const std::string day = registers::format_date(registers::Date(today));
    if (day == proposed_day_ || local - today < kProposeAt)
        return {};
    for (const Class& known : schedule()) {
        auto open = store::open_deletion(reader_, known.data_class);
        if (!open)
            return open.error();
        if (*open)
            continue;
        auto due = anything_due(reader_, known.data_class, clock_.now());
        if (!due)
            return due.error();
        if (!*due)
            continue;
        auto proposed = writer_.run([&](Database& database) -> Result<void> {
            auto done = propose(database, known.data_class, kSystem, "past its period", clock_.now());
            return done ? Result<void>() : Result<void>(done.error());
        });
        if (!proposed && proposed.error().code() != Errc::conflict)  // sallyportctl was faster
            return proposed;
    }
    proposed_day_ = day;
    return {};
}

Result<std::optional<std::int64_t>> Keeper::next_approved() {
    for (const Class& known : schedule()) {
        auto open = store::open_deletion(reader_, known.data_class);
        if (!open)
            return open.error();
        if (*open && (*open)->state == "approved")
            return std::optional((*open)->deletion_id);
    }
    return std::optional<std::int64_t>();
}

// --- its thread -----------------------------------------------------------------------------------------------------------

struct KeeperThread::Running {
    std::unique_ptr<Keeper> keeper;
    std::function<void(const Error&)> complain;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::jthread thread;

    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            auto more = keeper->run_due();
            if (!more)
                complain(more.error());
            const bool at_once = more && *more;
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, at_once ? std::chrono::milliseconds(kPause) : std::chrono::milliseconds(kLookEvery),
                          [] { return false; });
        }
    }
};

KeeperThread::KeeperThread(std::unique_ptr<Keeper> keeper, std::function<void(const Error&)> complain)
    : running_(std::make_unique<Running>()) {
    running_->keeper = std::move(keeper);
    running_->complain = std::move(complain);
    running_->thread = std::jthread([running = running_.get()](const std::stop_token& stop) { running->work(stop); });
}

KeeperThread::~KeeperThread() {
    running_->thread.request_stop();
    running_->thread.join();
}

}  // namespace sallyport::retention
