// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/daily_sweep.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "collector/registers/county_time.hpp"
#include "collector/registers/sweep_facts.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::registers {
namespace {

constexpr std::chrono::hours kSweepAt{6};      // catalogue, section 1
constexpr std::int64_t kLinesPerTransaction = 200;  // the writer serves others, too (system.md 9.7)
constexpr std::chrono::seconds kLookEvery{30};
constexpr std::chrono::days kPagesKept{90};

std::string first_day_kept(const store::RegisterSweep& sweep) {
    return format_date(Date(std::chrono::sys_days(county_day(sweep.started_at)) - kPagesKept));
}

}  // namespace

Result<std::unique_ptr<DailySweep>> DailySweep::open(const store::Writer& writer, const Clock& clock, Append append) {
    auto reader = writer.reader();
    if (!reader)
        return reader.error().within("daily sweep");
    return std::unique_ptr<DailySweep>(new DailySweep(std::move(*reader), clock, std::move(append)));
}

Result<void> DailySweep::run_due() {
    const LocalTime local = county_time(clock_.now());
    const auto today = std::chrono::floor<std::chrono::days>(local);
    const std::string day = format_date(Date(today));
    if (day == done_day_ || local - today < kSweepAt)
        return {};
    auto begun = begin(day);
    while (begun && !plan_->sweep.is_done())
        begun = write_slice();
    plan_.reset();  // after a failure the store says what is written
    if (!begun)
        return begun.error().within("daily sweep");
    done_day_ = day;
    return {};
}

// From its beginning, or from where it was left: the same moment gives the same lines.
Result<void> DailySweep::begin(const std::string& day) {
    auto latest = store::latest_sweep(reader_, day);
    auto earlier = store::latest_sweep(reader_, format_date(Date(std::chrono::sys_days(*parse_date(day)) - std::chrono::days(1))));
    auto registers = RegisterSnapshot::load(reader_);
    if (!latest || !earlier)
        return (latest ? earlier : latest).error();
    if (!registers)
        return registers.error();
    plan_.emplace();
    if (*latest && (*latest)->day == day) {
        plan_->sweep = **latest;
    } else {
        plan_->sweep.day = day;
        plan_->sweep.started_at = clock_.now();
        plan_->sweep.session_cursor = *latest ? (*latest)->session_cursor : 0;
        if (auto done = count_use(*registers, *plan_); !done)
            return done;
    }
    auto facts = facts_of(*plan_);
    if (!facts)
        return facts.error();
    const auto moment_of = [](const store::RegisterSweep& sweep) { return Moment{sweep.started_at, sweep.started_at}; };
    plan_->lines = sweep_lines(*registers, moment_of(plan_->sweep),
                               *earlier ? std::optional(moment_of(**earlier)) : std::nullopt, *facts);
    plan_->sweep.total = static_cast<std::int64_t>(plan_->lines.size());
    return {};
}

// Who had a session since the sweep before, and who printed how much; an attempt that failed is none.
Result<void> DailySweep::count_use(const RegisterSnapshot& registers, Plan& plan) {
    return store::each_use_event(reader_, plan.sweep.session_cursor, [&](const store::StoredEvent& stored) {
        auto decoded = decode_event(*stored.line);
        const auto* event = std::get_if<Event>(&decoded);
        if (event == nullptr || !event->operator_account || event->outcome == EventOutcome::failure)
            return;
        const bool prints = event->type == "print.job";
        if (prints && text_of(event->body, "state") != "completed")
            return;
        const Moment moment{event_time(*event), plan.sweep.started_at};
        registers.each_with("operators", "os_accounts", *event->operator_account, moment,
                            [&](const std::string& person, const Record&) {
                                if (prints) {
                                    plan.new_pages[person][format_date(county_day(moment.as_of))] +=
                                        integer_of(event->body, "pages");
                                    return;
                                }
                                WallTime& at = plan.new_use[person];
                                at = std::max(at, moment.as_of);
                            });
    });
}

Result<SweepFacts> DailySweep::facts_of(const Plan& plan) {
    auto facts = read_sweep_facts(reader_, clock_.now());
    if (!facts)
        return facts;
    for (const auto& [person, at] : plan.new_use)
        facts->last_session[person] = std::max(facts->last_session[person], at);
    for (const auto& [person, days] : plan.new_pages)
        for (const auto& [day, count] : days)
            facts->printed[person][day] += count;
    return facts;
}

Result<void> DailySweep::write_slice() {
    const std::int64_t written = plan_->sweep.written;
    const std::int64_t end = std::min(plan_->sweep.total, written + kLinesPerTransaction);
    const std::vector<SweepLine> slice(plan_->lines.begin() + written, plan_->lines.begin() + end);
    store::RegisterSweep next = plan_->sweep;
    next.written = end;
    auto done = append_(slice, next.started_at, [&](Database& database) -> Result<void> {
        if (auto saved = store::save_operator_use(database, plan_->new_use); !saved)
            return saved;
        if (auto saved = store::add_printed_pages(database, plan_->new_pages, first_day_kept(next)); !saved)
            return saved;
        return store::save_sweep(database, next, written);
    });
    if (!done)
        return done;
    plan_->sweep = next;
    plan_->new_use.clear();
    plan_->new_pages.clear();
    return {};
}

// --- its thread -------------------------------------------------------------------------------------------------------

struct SweepThread::Running {
    std::unique_ptr<DailySweep> sweep;
    std::function<void(const Error&)> complain;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::jthread thread;

    void work(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (auto done = sweep->run_due(); !done)
                complain(done.error());
            std::unique_lock lock(mutex);
            wake.wait_for(lock, stop, kLookEvery, [] { return false; });
        }
    }
};

SweepThread::SweepThread(std::unique_ptr<DailySweep> sweep, std::function<void(const Error&)> complain)
    : running_(std::make_unique<Running>()) {
    running_->sweep = std::move(sweep);
    running_->complain = std::move(complain);
    running_->thread = std::jthread([running = running_.get()](const std::stop_token& stop) { running->work(stop); });
}

SweepThread::~SweepThread() {
    running_->thread.request_stop();
    running_->thread.join();
}

}  // namespace sallyport::registers
