// SPDX-License-Identifier: Apache-2.0
#include "collector/store/writer.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "collector/store/commit_duty.hpp"
#include "collector/store/store_file.hpp"

namespace sallyport::store {
namespace {

struct Waiting {
    Writer::Job job;
    Writer::Done done;
    std::size_t weight = 1;
};

class SqliteWriter final : public Writer {
public:
    SqliteWriter(std::filesystem::path file, Database database, Limits limits, Job duty)
        : file_(std::move(file)), limits_(limits), duty_(std::move(duty)), database_(std::move(database)), thread_([this] { work(); }) {}

    ~SqliteWriter() override {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }

    Result<void> submit(Job job, Done done, std::size_t weight) override {
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_)
                return Error(Errc::unavailable, "store: the writer is stopping");
            if (queue_.size() >= limits_.jobs_waiting_max)
                return Error(Errc::exhausted, "store: " + std::to_string(queue_.size()) + " jobs are waiting");
            queue_.push_back({std::move(job), std::move(done), weight});
        }
        wake_.notify_one();
        return {};
    }

    Result<void> run(Job job) override {
        auto promise = std::make_shared<std::promise<Result<void>>>();
        auto answer = promise->get_future();
        auto submitted = submit(
            std::move(job), [promise](const Result<void>& result) { promise->set_value(result); }, 1);
        if (!submitted)
            return submitted;
        return answer.get();
    }

    Result<Database> reader() const override { return Database::open(file_, Database::Access::read_only); }

private:
    // The first job opens a group; it is committed when full, when 20 ms have passed, or at once when nothing waits
    // behind it: a lone write must not be made to wait for company.
    void work() {
        while (wait_for_work())
            commit_group();
    }

    bool wait_for_work() {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        return !queue_.empty();
    }

    bool next(Waiting& waiting) {
        const std::scoped_lock lock(mutex_);
        if (queue_.empty())
            return false;
        waiting = std::move(queue_.front());
        queue_.pop_front();
        return true;
    }

    void commit_group() {
        std::vector<Waiting> group;
        std::vector<Result<void>> results;
        auto transaction = database_.begin();
        const auto deadline = std::chrono::steady_clock::now() + limits_.commit_after;
        std::size_t weight = 0;
        Waiting waiting;
        while (weight < limits_.events_per_commit && std::chrono::steady_clock::now() < deadline && next(waiting)) {
            weight += waiting.weight;
            results.push_back(transaction ? run_alone(waiting.job) : Result<void>(transaction.error()));
            group.push_back(std::move(waiting));
        }
        const Result<void> committed = transaction ? close_group(*transaction) : Result<void>(transaction.error());
        broken_.reset();
        for (std::size_t i = 0; i < group.size(); ++i)
            if (group[i].done)
                group[i].done(results[i] && !committed ? Result<void>(committed.error().within("store: commit"))
                                                       : results[i]);
    }

    Result<void> close_group(Transaction& transaction) {
        if (!broken_ && duty_)
            if (auto done = duty_(database_); !done)
                broken_ = done.error();
        return broken_ ? Result<void>(*broken_) : transaction.commit();
    }

    // A job that fails takes back what it did, and nothing else. Some failures (a full disk) make SQLite give up the
    // whole transaction; then none of the group stands, and no later job of it may start one of its own.
    Result<void> run_alone(const Job& job) {
        if (broken_)
            return *broken_;
        if (auto marked = say("SAVEPOINT job"); !marked)
            return marked;
        auto done = job(database_);
        if (!done) {
            if (auto undone = say("ROLLBACK TO job"); !undone) {
                broken_ = done.error();
                return done;
            }
        }
        if (auto released = say("RELEASE job"); !released)
            return released;
        return done;
    }

    // Once or twice a job: compiled once.
    Result<void> say(std::string_view sql) {
        auto statement = database_.prepare(sql);
        return statement ? statement->run() : Result<void>(statement.error());
    }

    std::filesystem::path file_;
    Limits limits_;
    const Job duty_;  // may be none
    Database database_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> queue_;
    bool stopping_ = false;
    std::optional<Error> broken_;  // why the group under way is lost; the writer's thread only
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::filesystem::path& file, Limits limits) {
    return open_writer(file, limits, {});
}

Result<std::unique_ptr<Writer>> open_writer(const std::filesystem::path& file, Writer::Limits limits, Writer::Job before_commit) {
    auto database = open_store_file(file);
    if (!database)
        return database.error();
    return std::unique_ptr<Writer>(std::make_unique<SqliteWriter>(file, std::move(database).value(), limits,
                                                                  std::move(before_commit)));
}

}  // namespace sallyport::store
