// SPDX-License-Identifier: Apache-2.0
#include "agent/lifecycle.hpp"

#include "agent/version.hpp"

namespace sallyport::agent {
namespace {

// The last thing the run before wrote; nothing when there is none, or its content gave way.
std::optional<Event> last_event(const Spool& spool) {
    const std::uint64_t seq = spool.last().seq;
    if (seq < spool.first_retained())
        return std::nullopt;
    auto slice = spool.read(seq, 1, kEventLineBytesMax);
    if (!slice || slice->lines.empty())
        return std::nullopt;
    auto decoded = decode_event(slice->lines.front());
    auto* event = std::get_if<Event>(&decoded);
    return event != nullptr ? std::optional(std::move(*event)) : std::nullopt;
}

std::string_view reason_after(const std::optional<Event>& before, const std::string& boot_id) {
    if (!before)
        return "unknown";
    if (before->boot_id != boot_id)
        return "boot";
    if (before->type != "agent.stop")
        return "crash";
    return text_of(before->body, "version") == kAgentVersion ? "restart" : "upgrade";
}

}  // namespace

Result<void> record_start(Recorder& recorder, const Spool& spool, const RunFacts& facts, const std::optional<EndNote>& end,
                          const Clock& clock) {
    const auto before = last_event(spool);
    const std::string_view reason = reason_after(before, facts.boot_id);
    Observation start;
    start.type = "agent.start";
    start.occurred_at = clock.now();
    start.outcome = EventOutcome::success;
    start.body = {{"version", kAgentVersion},
                  {"sha256", facts.program_sha256},
                  {"reason", reason},
                  {"batch_key", facts.certificate.key},
                  {"batch_key_cert", facts.certificate.signature}};
    if (const auto predecessor = spool.predecessor()) {
        start.body.set("previous_instance", predecessor->instance);
        if (predecessor->last) {
            start.body.set("previous_seq", predecessor->last->seq);
            start.body.set("previous_head", to_hex(predecessor->last->head));
        }
    }
    if (auto taken = recorder.take(start); !taken)
        return taken;
    if (reason == "crash" && was_killed(end)) {
        Observation killed;
        killed.type = "agent.tamper";
        killed.body = {{"kind", "process_killed"}};
        if (auto taken = recorder.take(killed); !taken)
            return taken;
    }
    if (before && before->config_sha256 == facts.config_sha256)
        return {};
    Observation config;
    config.type = "agent.config";
    config.occurred_at = clock.now();
    config.body = {{"sha256", facts.config_sha256}, {"source", "unknown"}};
    if (before)
        config.body.set("previous", before->config_sha256);
    return recorder.take(config);
}

Result<void> record_stop(Recorder& recorder, const std::string& reason, const Clock& clock) {
    Observation stop;
    stop.type = "agent.stop";
    stop.occurred_at = clock.now();
    stop.outcome = EventOutcome::success;
    stop.body = {{"version", kAgentVersion}, {"reason", reason}};
    return recorder.take(stop);
}

}  // namespace sallyport::agent
