// SPDX-License-Identifier: Apache-2.0
#include "tests/system/quiet_queue/simulation.hpp"

#include <utility>

#include "protocol/json.hpp"

namespace sallyport::quiet_queue {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeartbeat = 60s;
constexpr std::size_t kAllOfThem = 1'000'000;

WallTime time_of(const Record& action) { return WallTime(std::chrono::milliseconds(integer_of(action, "at"))); }

std::string string_of(const Record& action, std::string_view name) { return std::string(text_of(action, name)); }

Record body_of(const Record& action) {
    const Value* body = action.find("body");
    const auto* record = body == nullptr ? nullptr : body->as<Record>();
    return record == nullptr ? Record() : *record;
}

}  // namespace

Result<std::unique_ptr<Simulation>> Simulation::open(Settings settings, std::shared_ptr<const rules::RuleSet> rules,
                                                     AlertSink alert, IncidentSink incident) {
    auto key = SigningKey::generate();
    if (!key)
        return key.error();
    std::unique_ptr<Simulation> simulation(new Simulation(std::move(settings), std::move(rules), std::move(*key),
                                                          std::move(alert), std::move(incident)));
    if (auto done = simulation->open_collector(); !done)
        return done.error();
    return simulation;
}

Simulation::Simulation(Settings settings, std::shared_ptr<const rules::RuleSet> rules, SigningKey key, AlertSink alert,
                       IncidentSink incident)
    : settings_(std::move(settings)),
      rules_(std::move(rules)),
      alert_(std::move(alert)),
      incident_(std::move(incident)),
      clock_(settings_.start),
      key_(std::move(key)),
      slice_end_(settings_.start + settings_.slice) {}

// --- the collector's life -----------------------------------------------------------------------------------------

Result<void> Simulation::open_collector() {
    auto writer = store::Writer::open(settings_.store);
    if (!writer)
        return writer.error();
    writer_ = std::move(*writer);
    auto reader = writer_->reader();
    if (!reader)
        return reader.error();
    reader_.emplace(std::move(*reader));
    auto board = store::all_liveness(*reader_);
    if (!board)
        return board.error();
    liveness_.emplace(*board, clock_.now());
    own_log_.emplace(settings_.ori, key_, clock_);
    auto expected = registers::ExpectedTerminals::open(*writer_, clock_);
    if (!expected)
        return expected.error();
    expected_ = std::move(*expected);
    auto sweep = registers::DailySweep::open(*writer_, clock_, [this](const auto& lines, WallTime at, const auto& with) {
        return tell_sweep(lines, at, with);
    });
    if (!sweep)
        return sweep.error();
    sweep_ = std::move(*sweep);
    auto judgement = alerts::Judgement::open(*writer_, clock_, rules_, {.snapshot_every = 24h, .told_snapshot_every = 24h});
    if (!judgement)
        return judgement.error();
    judgement_ = std::move(*judgement);
    return {};
}

Result<void> Simulation::close_collector() {
    if (auto saved = judgement_->save(); !saved)
        return saved;
    unreadable_ += judgement_->unreadable();
    auto board = save_board();
    judgement_.reset();
    sweep_.reset();
    expected_.reset();
    own_log_.reset();
    liveness_.reset();
    reader_.reset();
    writer_.reset();
    return board;
}

// --- time ---------------------------------------------------------------------------------------------------------

Result<void> Simulation::apply(const Record& action) {
    if (auto done = pass_until(time_of(action)); !done)
        return done;
    const auto what = text_of(action, "do");
    if (what != "stop" && what != "start") {
        waiting_.push_back(action);
        return flag_of(action, "backlog") ? end_slice(time_of(action)) : Result<void>();
    }
    if (auto done = end_slice(time_of(action)); !done)
        return done;
    for (auto& [terminal, link] : links_)
        link.connected = false;
    return what == "stop" ? close_collector() : open_collector();
}

Result<void> Simulation::finish(WallTime end) {
    if (auto done = pass_until(end); !done)
        return done;
    if (auto done = end_slice(end); !done)
        return done;
    return close_collector();
}

Result<void> Simulation::pass_until(WallTime time) {
    while (slice_end_ <= time) {
        if (auto done = end_slice(slice_end_); !done)
            return done;
        slice_end_ += settings_.slice;
    }
    return {};
}

Result<void> Simulation::end_slice(WallTime end) {
    if (!judgement_) {
        clock_.set(end);
        return waiting_.empty() ? Result<void>() : Result<void>(Error(Errc::internal, "an action while the collector is down"));
    }
    if (waiting_.empty()) {
        if (auto done = pass_time(end); !done)
            return done;
    }
    if (!waiting_.empty() || !notices_.empty() || !rows_changed_.empty()) {
        if (auto done = writer_->run([this, end](Database& database) { return store_slice(database, end); }); !done)
            return done;
    }
    if (auto done = sweep(); !done)
        return done;
    return judge();
}

Result<void> Simulation::store_slice(Database& database, WallTime end) {
    if (!waiting_.empty()) {
        auto appender = store::EventAppender::open(database);
        if (!appender)
            return appender.error();
        for (const Record& action : std::exchange(waiting_, {})) {
            heartbeats_until(time_of(action));
            clock_.set(time_of(action));
            if (auto taken = take(database, *appender, action); !taken)
                return taken.error().within(write_json(action).substr(0, 200));
        }
        if (auto done = pass_time(end); !done)
            return done;
    }
    for (const std::string& terminal : std::exchange(rows_changed_, {}))
        if (auto done = store::save_liveness(database, rows_.at(terminal)); !done)
            return done;
    return own_log_->append(database, std::exchange(notices_, {}));
}

// As intake does every half second: once a slice is often enough for patience that is counted in minutes.
Result<void> Simulation::pass_time(WallTime end) {
    heartbeats_until(end);
    clock_.set(end);
    if (auto done = expected_->refresh(); !done)
        return done;
    std::vector<intake::ExpectedTerminal> expected;
    for (const auto& terminal : expected_->known())
        expected.push_back({terminal.terminal_id, terminal.ori, terminal.heartbeat_s});
    for (intake::LivenessChange& change : liveness_->advance(expected, end))
        remark(std::move(change));
    return {};
}

// The board is saved before the morning's sweep reads it; heartbeats alone do not save it (as in the product, where they
// do every few minutes).
Result<void> Simulation::sweep() {
    const auto hour = std::chrono::floor<std::chrono::hours>(clock_.now());
    if (hour == board_saved_)
        return sweep_->run_due();
    board_saved_ = hour;
    if (auto done = save_board(); !done)
        return done;
    return sweep_->run_due();
}

Result<void> Simulation::save_board() {
    return writer_->run([this](Database& database) -> Result<void> {
        for (const auto& [terminal, row] : rows_)
            if (auto done = store::save_liveness(database, row); !done)
                return done;
        return {};
    });
}

Result<void> Simulation::tell_sweep(const std::vector<registers::SweepLine>& lines, WallTime at, const store::Writer::Job& with) {
    std::vector<intake::Notice> notices;
    for (const registers::SweepLine& line : lines)
        notices.push_back({line.type, line.body, at});
    return writer_->run([&](Database& database) -> Result<void> {
        if (auto done = own_log_->append(database, notices); !done)
            return done;
        return with(database);
    });
}

Result<void> Simulation::judge() {
    bool changed = false;
    for (bool more = true; more;) {
        auto progress = judgement_->step();
        if (!progress)
            return progress.error();
        more = progress->judged;
        changed = changed || progress->changed;
    }
    return changed ? tell_changes() : Result<void>();
}

Result<void> Simulation::tell_changes() {
    store::AlertFilter alerts;
    alerts.revision_after = alert_revision_;
    alerts.limit = kAllOfThem;
    auto changed = store::list_alerts(*reader_, alerts);
    if (!changed)
        return changed.error();
    for (const store::Alert& alert : *changed) {
        alert_revision_ = std::max(alert_revision_, alert.revision);
        alert_(alert, clock_.now());
    }
    store::IncidentFilter incidents;
    incidents.revision_after = incident_revision_;
    incidents.limit = kAllOfThem;
    auto proposed = store::list_incidents(*reader_, incidents);
    if (!proposed)
        return proposed.error();
    for (const store::Incident& incident : *proposed) {
        incident_revision_ = std::max(incident_revision_, incident.revision);
        incident_(incident, clock_.now());
    }
    return {};
}

// --- what arrives -------------------------------------------------------------------------------------------------

Result<void> Simulation::take(Database& database, store::EventAppender& appender, const Record& action) {
    const auto what = text_of(action, "do");
    if (what == "batch")
        return admit_batch(database, appender, action);
    if (what == "notice")
        return own_log_->append(database, {{string_of(action, "type"), body_of(action), std::nullopt}});
    if (what != "birth" && what != "announce" && what != "will")
        return Error(Errc::bad_input, "unknown action '" + std::string(what) + "'");
    const std::string terminal = string_of(action, "terminal");
    Link& link = links_[terminal];
    if (what != "will")
        spool(link, string_of(action, "instance"), static_cast<std::uint64_t>(integer_of(action, "seq")));
    link.connected = what != "will";
    if (what == "birth") {
        heartbeats_.erase({link.next_heartbeat, terminal});
        link.next_heartbeat = time_of(action) + kHeartbeat;
        heartbeats_.emplace(link.next_heartbeat, terminal);
    }
    remark(hear(terminal, what == "birth"  ? StatusKind::birth
                          : what == "will" ? StatusKind::will
                                           : StatusKind::heartbeat));
    rows_changed_.insert(terminal);
    auto stream = store::find_stream(database, terminal, link.instance);
    if (!stream)
        return stream.error();
    if (*stream)
        liveness_->on_committed(terminal, link.instance, (*stream)->last_seq);
    return own_log_->append(database, std::exchange(notices_, {}));
}

// A new spool begins to count anew.
void Simulation::spool(Link& link, std::string instance, std::uint64_t seq) {
    if (link.instance != instance)
        link.spooled = 0;
    link.instance = std::move(instance);
    link.spooled = std::max(link.spooled, seq);
}

intake::LivenessChange Simulation::hear(const std::string& terminal, StatusKind kind) {
    const Link& link = links_[terminal];
    StatusMessage status;
    status.kind = kind;
    status.terminal = terminal;
    status.instance = link.instance;
    status.seq = link.spooled;
    status.at = clock_.now();
    const std::string message = write_json(Record{{"instance", status.instance}, {"seq", status.seq}});
    return liveness_->on_status(status, settings_.ori, message, clock_.now());
}

// A terminal that is gone has none, until its next birth sets one.
void Simulation::heartbeats_until(WallTime time) {
    while (!heartbeats_.empty() && heartbeats_.begin()->first <= time) {
        const std::string terminal = std::move(heartbeats_.extract(heartbeats_.begin()).value().second);
        Link& link = links_[terminal];
        if (!link.connected)
            continue;
        clock_.set(link.next_heartbeat);
        remark(hear(terminal, StatusKind::heartbeat));
        link.next_heartbeat += kHeartbeat;
        heartbeats_.emplace(link.next_heartbeat, terminal);
    }
}

void Simulation::remark(intake::LivenessChange change) {
    if (change.notice) {
        rows_changed_.insert(change.row.terminal_id);
        notices_.push_back(std::move(*change.notice));
    }
    rows_.insert_or_assign(change.row.terminal_id, std::move(change.row));
}

// As BatchCheck hands a rightly signed batch on.
Result<intake::CheckedBatch> Simulation::checked(Database& database, const Record& action) {
    intake::CheckedBatch checked;
    BatchHeader& header = checked.batch.header;
    header.terminal = string_of(action, "terminal");
    header.instance = string_of(action, "instance");
    header.first_seq = static_cast<std::uint64_t>(integer_of(action, "first_seq"));
    checked.ori = settings_.ori;
    auto chain = chain_of(database, header.terminal, header.instance);
    if (!chain)
        return chain.error();
    checked.genesis = (*chain)->genesis;
    checked.enrolled_key = (*chain)->key;
    header.previous = header.head = (*chain)->head;
    const Value* lines = action.find("lines");
    if (lines == nullptr || lines->as<List>() == nullptr)
        return Error(Errc::bad_input, "a batch without lines");
    for (const Value& item : *lines->as<List>()) {
        const std::string& line = *item.as<std::string>();
        auto decoded = decode_event(line);
        if (const auto* refusal = std::get_if<EventRefusal>(&decoded))
            return Error(Errc::bad_input, refusal->error.message() + ": " + line);
        const Event& event = std::get<Event>(decoded);
        if (event.seq == 1 && event.type == "agent.start")
            checked.start = intake::InstanceStart{string_of(event.body, "previous_instance"),
                                                  static_cast<std::uint64_t>(integer_of(event.body, "previous_seq")),
                                                  string_of(event.body, "previous_head")};
        checked.events.push_back({event.type, event_time(event), leaf_of(line), line, std::nullopt});
        header.head = chain_link(header.head, checked.events.back().leaf);
    }
    header.count = checked.events.size();
    checked.batch.header_line = "{}";  // unsigned: this program is its own broker
    return checked;
}

Result<void> Simulation::admit_batch(Database& database, store::EventAppender& appender, const Record& action) {
    auto batch = checked(database, action);
    if (!batch)
        return batch.error();
    const BatchHeader& header = batch->batch.header;
    auto admitted = intake::admit(database, appender, *batch, clock_.now());
    if (!admitted)
        return admitted.error();
    if (admitted->refused)
        ++refused_;
    else
        chains_[{header.terminal, header.instance}].head = header.head;
    const auto fresh = batch->events.end() - static_cast<std::ptrdiff_t>(admitted->stored);
    for (auto at = fresh; at != batch->events.end(); ++at)
        liveness_->on_event(header.terminal, settings_.ori, at->type, clock_.now());
    if (admitted->stored > 0) {
        liveness_->on_committed(header.terminal, header.instance, admitted->ack->seq);
        spool(links_[header.terminal], header.instance, admitted->ack->seq);
    }
    lines_ += admitted->stored;
    return own_log_->append(database, admitted->notices);
}

Result<Simulation::Chain*> Simulation::chain_of(Database& database, const std::string& terminal,
                                                const std::string& instance) {
    const auto known = chains_.find({terminal, instance});
    if (known != chains_.end())
        return &known->second;
    auto key = terminal_keys_.find(terminal);
    if (key == terminal_keys_.end()) {
        auto made = SigningKey::generate();
        if (!made)
            return made.error();
        key = terminal_keys_.emplace(terminal, made->public_key().base64()).first;
        auto added = store::add_key(database, {terminal, settings_.ori, key->second,
                                               std::string(64, '0'), clock_.now() + 24h * 3650, clock_.now(), {}, {}});
        if (!added)
            return added.error();
    }
    const auto enrolled = PublicKey::from_base64(key->second);
    if (!enrolled)
        return enrolled.error();
    const Digest genesis = chain_genesis(terminal, instance, *enrolled);
    return &chains_.emplace(std::pair(terminal, instance), Chain{genesis, genesis, key->second}).first->second;
}

}  // namespace sallyport::quiet_queue
