// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/print_sensor.hpp"

#include <algorithm>
#include <chrono>
#include <deque>

#include "agent/sensors/print/account_label.hpp"
#include "agent/sensors/print/cups_queue.hpp"
#include "agent/sensors/print/node_prints.hpp"
#include "agent/sensors/print/print_memory.hpp"
#include "agent/sensors/print/print_source.hpp"
#include "agent/sensors/print/print_watch.hpp"
#include "agent/sensors/print/settings_ledger.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseOpen{2'000};
// Where the spool gives signs, looking is but the net beneath them: a job that lies held or waits for a printer
// goes on without one.
constexpr milliseconds kPauseWaiting{10'000};
// So long after news of jobs it is looked at the quick pace.
constexpr MonotonicTime kLively{30'000};
// Even when no event was missed everything is compared now and then: a server's numbers may have been
// tampered with.
constexpr MonotonicTime kFullLook{600'000};
// cupsd tells of no event when a first default printer is chosen, so printers are compared every so many
// looks anyway.
constexpr int kLooksPerQueueLook = 6;
// One failure is a server that restarts; two in a row are no server.
constexpr int kFailuresAbsent = 2;

bool ended(PrintJobState state) {
    return state == PrintJobState::cancelled || state == PrintJobState::aborted ||
           state == PrintJobState::completed;
}

std::string_view ending(PrintJobState state) {
    return state == PrintJobState::completed   ? "completed"
           : state == PrintJobState::cancelled ? "cancelled"
                                               : "failed";
}

// Everything read from the server in one look.
struct Look {
    bool full = false;
    std::uint32_t first_job = 1;
    std::vector<PrintJob> jobs;
    std::vector<QueueEvent> events;
    std::optional<std::vector<PrintQueue>> queues;
};

class PrintSensor final : public Sensor {
public:
    PrintSensor(const PrintOptions& options, std::unique_ptr<PrintSource> source,
                std::unique_ptr<PrintWatch> watch)
        : memory_file_(options.memory_file),
          look_every_(options.look_every),
          look_at_least_every_(options.look_at_least_every),
          source_(std::move(source)),
          watch_(std::move(watch)),
          settings_(options.settings) {}

    [[nodiscard]] std::string_view name() const override { return "print"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    [[nodiscard]] Result<Look> look(std::stop_token stop, const SensorContext& context);
    [[nodiscard]] Result<void> report(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> keep(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> failed(const SensorContext& context);

    [[nodiscard]] Result<void> report_queues(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> report_event(const QueueEvent& event, const std::vector<PrintQueue>& now,
                                            const SensorContext& context);
    [[nodiscard]] Result<void> compare_queues(const std::vector<PrintQueue>& now,
                                              const SensorContext& context);
    [[nodiscard]] Result<void> change(std::string_view action, const PrinterIdentity& printer,
                                      const SensorContext& context);

    [[nodiscard]] Result<void> report_jobs(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> notice_recount(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> report_new(const PrintJob& job, const SensorContext& context);
    [[nodiscard]] Result<void> report_progress(const PrintJob& job, const SensorContext& context);
    [[nodiscard]] Result<void> report_vanished(const Look& seen, const SensorContext& context);
    [[nodiscard]] Result<void> job(const PrintJob& job, std::string_view state, std::optional<WallTime> at,
                                   const SensorContext& context);
    [[nodiscard]] Result<void> gap(std::string_view reason, std::uint64_t missed,
                                   const SensorContext& context);
    void begin_here(const Look& seen);

    [[nodiscard]] std::uint32_t first_wanted() const;
    [[nodiscard]] Result<bool> sleep(std::stop_token stop, std::stop_token cued, const SensorContext& context);
    [[nodiscard]] Result<bool> prove(const SensorContext& context);
    [[nodiscard]] Result<void> tell_signs(const PrintSigns& signs, const SensorContext& context);
    [[nodiscard]] milliseconds pause(const SensorContext& context) const;

    std::filesystem::path memory_file_;
    milliseconds look_every_;
    milliseconds look_at_least_every_;
    std::unique_ptr<PrintSource> source_;
    std::unique_ptr<PrintWatch> watch_;
    SettingsLedger settings_;
    NodePrints nodes_;
    std::deque<NodeUse> uses_;  // not yet taken by the sink
    struct TestPrint {
        DrillOrder drill;
        std::uint32_t id = 0;
        bool cancelled = false;
    };
    std::optional<TestPrint> test_;
    PrintMemory memory_;  // moves on only when the sink has taken the observation
    PrintMemory saved_;
    bool loaded_ = false;
    bool connected_ = false;
    bool history_missing_ = false;
    bool accounts_hidden_ = false;
    bool printers_changed_ = false;
    bool settings_changed_ = true;
    int failures_ = 0;
    int looks_ = 0;
    MonotonicTime full_look_at_{};
    std::optional<MonotonicTime> news_at_;  // of jobs
};

Result<void> PrintSensor::run(std::stop_token stop, const SensorContext& context) {
    if (!loaded_ && !memory_file_.empty()) {
        if (auto loaded = load_print_memory(memory_file_))
            memory_ = saved_ = std::move(*loaded);
        else if (auto told = gap("memory_lost", 0, context); !told)
            return told.error().within("print");
    }
    loaded_ = true;
    if (auto told = tell_signs({}, context); !told) return told.error().within("print");
    for (;;) {
        const std::stop_token cued = context.drill.next();
        auto seen = look(stop, context);
        if (stop.stop_requested()) return {};
        if (auto kept = seen ? keep(*seen, context) : failed(context); !kept) return kept.error().within("print");
        auto again = seen ? prove(context) : Result<bool>(false);
        if (!again) return again.error().within("print");
        if (*again) continue;
        auto on = sleep(stop, cued, context);
        if (!on) return on.error().within("print");
        if (!*on) return {};
    }
}

Result<void> PrintSensor::keep(const Look& seen, const SensorContext& context) {
    failures_ = 0;
    auto reported = report(seen, context);
    if (memory_ != saved_) {
        news_at_ = context.clock.monotonic();
        if (auto saved = memory_file_.empty() ? Result<void>() : save_print_memory(memory_, memory_file_); !saved)
            return saved;
        saved_ = memory_;
    }
    return reported;
}

Result<void> PrintSensor::failed(const SensorContext& context) {
    connected_ = false;
    if (++failures_ >= kFailuresAbsent) context.health.report("print", SensorState::absent, "no_cups");
    return {};
}

// Until there is a reason to look at the server: true; or to stop: false.
Result<bool> PrintSensor::sleep(std::stop_token stop, std::stop_token cued, const SensorContext& context) {
    const MonotonicTime until = context.clock.monotonic() + MonotonicTime(pause(context).count());
    if (pause(context) > kPauseOpen) source_->rest();
    for (;;) {
        const MonotonicTime now = context.clock.monotonic();
        if (now >= until) return true;
        const PrintSigns signs =
            watch_->wait(EitherStop(stop, cued).token(), milliseconds((until - now).count()));
        if (auto told = tell_signs(signs, context); !told) return told.error();
        if (stop.stop_requested()) return false;
        if (cued.stop_requested()) return true;
        if (signs.jobs) news_at_ = context.clock.monotonic();
        printers_changed_ |= signs.printers;
        if (signs.jobs || signs.printers) return true;
    }
}

// A drill's test print, a step after each look: made, seen, cancelled, seen to be cancelled. Whether to look at once.
Result<bool> PrintSensor::prove(const SensorContext& context) {
    const auto drill = context.drill.cue(name());
    if (!drill) {
        test_.reset();
        return false;
    }
    const auto cannot = [&](std::string_view why) -> Result<bool> {
        test_.reset();
        auto told = context.drill.cannot(name(), why);
        return told ? Result<bool>(false) : told.error();
    };
    if (!test_ || test_->drill != *drill) {
        if (memory_.queues.empty()) return cannot("no_printer");
        const bool has_default = memory_.queues.contains(memory_.default_queue);
        auto id = source_->submit_empty_job(has_default ? memory_.default_queue : memory_.queues.begin()->first);
        if (!id) return cannot("test_print_refused");
        test_ = TestPrint{*drill, *id};
        return true;
    }
    if (test_->cancelled || !memory_.open.contains(test_->id)) return false;
    if (auto cancelled = source_->cancel_job(test_->id); !cancelled) return cannot("test_print_not_cancelled");
    test_->cancelled = true;
    return true;
}

Result<void> PrintSensor::tell_signs(const PrintSigns& signs, const SensorContext& context) {
    uses_.insert(uses_.end(), signs.uses.begin(), signs.uses.end());
    for (; !uses_.empty(); uses_.pop_front())
        if (auto told = nodes_.report(uses_.front(), context); !told) return told;
    settings_changed_ |= signs.settings;
    if (!settings_changed_) return {};
    auto told = settings_.report(context);
    settings_changed_ = !told;
    return told;
}

milliseconds PrintSensor::pause(const SensorContext& context) const {
    const auto quick = std::min(kPauseOpen, look_every_);
    if (failures_ == 1) return quick;
    const auto waiting = std::min(kPauseWaiting, look_at_least_every_);
    if (failures_ > 1) return std::max(look_every_, waiting);
    if (memory_.open.empty()) return watch_->sees_jobs() ? look_at_least_every_ : look_every_;
    const bool lively = news_at_ && context.clock.monotonic() < *news_at_ + kLively;
    return lively || !watch_->sees_jobs() ? quick : waiting;
}

std::uint32_t PrintSensor::first_wanted() const {
    return memory_.open.empty() ? memory_.highest_job + 1 : memory_.open.begin()->first;
}

Result<Look> PrintSensor::look(std::stop_token stop, const SensorContext& context) {
    Look seen;
    if (!connected_) {
        if (auto connected = source_->connect(stop); !connected) return connected.error();
        connected_ = true;
        seen.full = true;
    }
    auto news = source_->queue_news();
    if (!news) return news.error();
    seen.full |= !news->continuous || context.clock.monotonic() >= full_look_at_ + kFullLook;
    seen.events = std::move(news->events);
    seen.first_job = seen.full ? 1 : first_wanted();
    auto jobs = source_->jobs(seen.first_job);
    if (!jobs) return jobs.error();
    seen.jobs = std::move(*jobs);
    const bool stranger = std::any_of(seen.jobs.begin(), seen.jobs.end(), [&](const PrintJob& one) {
        return !memory_.queues.contains(one.queue);
    });
    if (seen.full || stranger || !seen.events.empty() || printers_changed_ || ++looks_ >= kLooksPerQueueLook) {
        looks_ = 0;
        auto queues = source_->queues();
        if (!queues) return queues.error();
        seen.queues = std::move(*queues);
        printers_changed_ = false;
    }
    return seen;
}

Result<void> PrintSensor::report(const Look& seen, const SensorContext& context) {
    if (!memory_.started) begin_here(seen);
    if (auto reported = report_queues(seen, context); !reported) return reported;
    if (auto reported = report_jobs(seen, context); !reported) return reported;
    if (seen.full) full_look_at_ = context.clock.monotonic();
    if (history_missing_ || accounts_hidden_)
        context.health.report("print", SensorState::degraded,
                              history_missing_ ? "job_history_missing" : "accounts_hidden");
    else
        context.health.report("print", SensorState::ok, watch_->sees_jobs() ? "" : "spool_not_watched");
    return {};
}

// Printers and ended jobs of before the first look ever are nobody's news; open jobs are.
void PrintSensor::begin_here(const Look& seen) {
    memory_.started = true;
    for (const auto& queue : seen.queues.value_or(std::vector<PrintQueue>())) {
        memory_.queues[queue.name] = identify_printer(queue.name, queue.device_uri);
        if (queue.is_default) memory_.default_queue = queue.name;
    }
    if (!seen.jobs.empty()) memory_.highest_job = seen.jobs.front().id - 1;
    for (const auto& one : seen.jobs) {
        if (!ended(one.state)) break;
        memory_.highest_job = one.id;
        memory_.highest_created_at = one.created_at;
    }
}

// --- printers
// -------------------------------------------------------------------------------------------------------

Result<void> PrintSensor::report_queues(const Look& seen, const SensorContext& context) {
    if (!seen.queues) return {};
    for (const auto& event : seen.events)
        if (auto reported = report_event(event, *seen.queues, context); !reported) return reported;
    return compare_queues(*seen.queues, context);
}

// An addition and its removal may both lie between two looks: only the events know of them then.
Result<void> PrintSensor::report_event(const QueueEvent& event, const std::vector<PrintQueue>& now,
                                       const SensorContext& context) {
    const auto known = memory_.queues.find(event.queue);
    if (event.kind == QueueEvent::Kind::removed && known != memory_.queues.end()) {
        if (auto told = change("removed", known->second, context); !told) return told;
        memory_.queues.erase(known);
    }
    if (event.kind == QueueEvent::Kind::added && known == memory_.queues.end()) {
        const auto at =
            std::find_if(now.begin(), now.end(), [&](const auto& one) { return one.name == event.queue; });
        const auto printer = identify_printer(event.queue, at == now.end() ? "" : at->device_uri);
        if (auto told = change("added", printer, context); !told) return told;
        memory_.queues[event.queue] = printer;
    }
    return {};
}

Result<void> PrintSensor::compare_queues(const std::vector<PrintQueue>& now, const SensorContext& context) {
    for (auto known = memory_.queues.begin(); known != memory_.queues.end();) {
        const auto same = [&](const PrintQueue& queue) { return queue.name == known->first; };
        if (std::any_of(now.begin(), now.end(), same)) {
            ++known;
            continue;
        }
        if (auto told = change("removed", known->second, context); !told) return told;
        known = memory_.queues.erase(known);
    }
    for (const auto& queue : now) {
        const auto printer = identify_printer(queue.name, queue.device_uri);
        const auto known = memory_.queues.find(queue.name);
        if (known == memory_.queues.end() || known->second != printer) {
            const auto action = known == memory_.queues.end() ? "added" : "port_changed";
            if (auto told = change(action, printer, context); !told) return told;
            memory_.queues[queue.name] = printer;
        }
        if (queue.is_default && memory_.default_queue != queue.name) {
            if (auto told = change("default_changed", printer, context); !told) return told;
            memory_.default_queue = queue.name;
        }
    }
    return {};
}

Result<void> PrintSensor::change(std::string_view action, const PrinterIdentity& printer,
                                 const SensorContext& context) {
    Observation seen;
    seen.type = "printer.change";
    seen.body.set("action", action);
    if (printer.id) seen.body.set("printer_id", *printer.id);
    seen.body.set("printer_hash", printer.hash).set("printer_kind", printer.kind);
    seen.occurred_at = context.clock.now();
    return context.sink.take(seen);
}

// --- jobs
// -----------------------------------------------------------------------------------------------------------

Result<void> PrintSensor::report_jobs(const Look& seen, const SensorContext& context) {
    if (auto noticed = notice_recount(seen, context); !noticed) return noticed;
    if (auto reported = report_vanished(seen, context); !reported) return reported;
    for (const auto& one : seen.jobs) {
        auto reported = one.id > memory_.highest_job    ? report_new(one, context)
                        : memory_.open.contains(one.id) ? report_progress(one, context)
                                                        : Result<void>();
        if (!reported) return reported;
    }
    return {};
}

// A server whose spool was wiped counts from 1 again: its new jobs must not hide behind the old numbers.
Result<void> PrintSensor::notice_recount(const Look& seen, const SensorContext& context) {
    if (!seen.full || !memory_.highest_created_at) return {};
    const auto newer = std::find_if(seen.jobs.begin(), seen.jobs.end(), [&](const PrintJob& one) {
        return one.id <= memory_.highest_job && one.created_at &&
               *one.created_at > *memory_.highest_created_at;
    });
    if (newer == seen.jobs.end()) return {};
    if (auto told = gap("job_numbers_restarted", memory_.open.size(), context); !told) return told;
    memory_.open.clear();
    memory_.highest_job = newer->id - 1;
    return {};
}

Result<void> PrintSensor::report_vanished(const Look& seen, const SensorContext& context) {
    for (auto open = memory_.open.begin(); open != memory_.open.end();) {
        const auto same = [&](const PrintJob& one) { return one.id == open->first; };
        if (open->first < seen.first_job || std::any_of(seen.jobs.begin(), seen.jobs.end(), same)) {
            ++open;
            continue;
        }
        if (auto told = gap("job_vanished", 1, context); !told) return told;
        history_missing_ = true;
        open = memory_.open.erase(open);
    }
    return {};
}

Result<void> PrintSensor::report_new(const PrintJob& fresh, const SensorContext& context) {
    const bool first_ever =
        memory_.highest_job == 0;  // nothing says where this server's numbers stood before
    if (const auto skipped = fresh.id - memory_.highest_job - 1; skipped > 0 && !first_ever) {
        if (auto told = gap("job_history_missing", skipped, context); !told) return told;
        history_missing_ = true;
        memory_.highest_job = fresh.id - 1;
    }
    if (auto told = job(fresh, "submitted", fresh.created_at, context); !told) return told;
    accounts_hidden_ = fresh.account.empty();
    memory_.highest_job = fresh.id;
    memory_.highest_created_at = fresh.created_at;
    memory_.open[fresh.id] = ended(fresh.state) ? PrintJobState::printing : fresh.state;
    return ended(fresh.state) ? report_progress(fresh, context) : Result<void>();
}

Result<void> PrintSensor::report_progress(const PrintJob& now, const SensorContext& context) {
    PrintJobState& before = memory_.open.at(now.id);
    const bool given_up = now.state == PrintJobState::cancelled || now.state == PrintJobState::aborted;
    if (before == PrintJobState::held && now.state != PrintJobState::held && !given_up) {
        if (auto told = job(now, "released", now.printing_at.value_or(context.clock.now()), context); !told)
            return told;
        before = PrintJobState::pending;
    }
    if (!ended(now.state)) {
        before = now.state;
        return {};
    }
    if (auto told = job(now, ending(now.state), now.ended_at, context); !told) return told;
    memory_.open.erase(now.id);
    history_missing_ = false;
    return {};
}

void set_pages(const PrintJob& job, Record& body) {
    const std::int64_t copies = std::max<std::uint32_t>(1, job.copies);
    const auto claimed = job.declared ? std::optional(std::int64_t{*job.declared} * copies) : std::nullopt;
    const auto set = [&](std::string_view name, const auto& value) {
        if (value) body.set(name, std::int64_t{*value});
    };
    set("pages", job.accounted ? std::optional(std::int64_t{*job.accounted}) : claimed);
    set("pages_claimed", claimed);
    set("pages_confirmed", job.accounted);
    body.set("pages_source", job.accounted ? "accounted" : claimed ? "declared" : "none");
    set("sheets", job.sheets);
    set("sides", job.sides_a_sheet);
    set("pages_per_side", job.pages_a_side);
    body.set("copies", copies);
}

Result<void> PrintSensor::job(const PrintJob& job, std::string_view state, std::optional<WallTime> at,
                              const SensorContext& context) {
    const auto known = memory_.queues.find(job.queue);
    const auto printer = known == memory_.queues.end() ? identify_printer(job.queue, "") : known->second;
    Observation seen;
    seen.type = "print.job";
    seen.body.set("job_id", std::to_string(job.id));
    if (printer.id) seen.body.set("printer_id", *printer.id);
    seen.body.set("printer_hash", printer.hash).set("printer_kind", printer.kind).set("way", "queue");
    set_pages(job, seen.body);
    seen.body.set("bytes", job.bytes).set("state", state);
    seen.occurred_at = at;
    if (!job.account.empty()) seen.operator_account = account_label(job.account);
    const bool is_test = test_ && test_->id == job.id && is_cued(test_->drill, seen.type, seen.body);
    if (is_test) seen.drill = test_->drill.nonce;
    if (auto taken = context.sink.take(seen); !taken) return taken;
    if (is_test && state == "cancelled") context.drill.done(name());
    return {};
}

Result<void> PrintSensor::gap(std::string_view reason, std::uint64_t missed, const SensorContext& context) {
    Observation seen;
    seen.type = "agent.gap";
    seen.body = {{"sensor", "print"}, {"reason", reason}};
    if (missed > 0) seen.body.set("missed", missed);
    seen.occurred_at = context.clock.now();
    return context.sink.take(seen);
}

}  // namespace

std::unique_ptr<Sensor> make_print_sensor(const PrintOptions& options) {
    return std::make_unique<PrintSensor>(
        options, make_cups_queue(options.server),
        make_linux_print_watch({options.spool, options.settings, options.devices}));
}

}  // namespace sallyport::agent
