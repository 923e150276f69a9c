// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/own_log.hpp"

#include <algorithm>

#include "protocol/envelope.hpp"

namespace sallyport::intake {
namespace {

// One batch holds 500 lines and 256 KiB at most; a rejected batch or a full hour may bring more notices than that.
constexpr std::size_t kLinesPerBatch = 200;

}  // namespace

OwnLog::OwnLog(std::string ori, SigningKey key, const Clock& clock)
    : ori_(std::move(ori)), key_(std::move(key)), clock_(clock), boot_id_(random_id()) {}

Result<void> OwnLog::append(Database& database, const std::vector<Notice>& notices) {
    if (notices.empty())
        return {};
    auto position = stream(database);
    if (!position)
        return position.error().within("own log");
    auto appender = store::EventAppender::open(database);
    if (!appender)
        return appender.error().within("own log");
    const std::span<const Notice> all(notices);
    for (std::size_t first = 0; first < all.size(); first += kLinesPerBatch)
        if (auto done = append_batch(*appender, *position, all.subspan(first, std::min(kLinesPerBatch, all.size() - first)));
            !done)
            return done.error().within("own log");
    return {};
}

Result<void> OwnLog::append_batch(store::EventAppender& appender, store::StreamPosition& position,
                                  std::span<const Notice> notices) {
    std::vector<store::NewEvent> events;
    std::vector<std::string> lines;
    const WallTime now = clock_.now();
    for (const Notice& notice : notices) {
        Event event;
        event.event_id = make_event_id(now);
        event.terminal_id = kCollectorId;
        event.agent_instance = instance_;
        event.boot_id = boot_id_;
        event.seq = position.last_seq + events.size() + 1;
        event.type = notice.type;
        event.occurred_at = notice.occurred_at.value_or(now);
        event.observed_at = now;
        event.monotonic = clock_.monotonic();
        event.clock = clock_.state();
        event.config_sha256 = std::string(64, '0');
        event.nonce = random_id();
        event.body = notice.body;
        auto line = encode_event(event);
        if (!line)
            return line.error();
        lines.push_back(*line);
        events.push_back({event.type, event_time(event), leaf_of(*line), std::move(line).value(), std::nullopt});
    }
    BatchHeader header;
    header.terminal = kCollectorId;
    header.instance = instance_;
    header.first_seq = position.last_seq + 1;
    header.previous = position.head;
    auto message = encode_batch(std::move(header), lines, key_, *certificate_);
    if (!message)
        return message.error();
    return appender.append(position, message->substr(0, message->find('\n')), events, now);
}

// One instance for the life of the store: a restart goes on where the log ends.
Result<store::StreamPosition> OwnLog::stream(Database& database) {
    if (instance_.empty()) {
        auto known = store::latest_instance(database, kCollectorId);
        if (!known)
            return known.error();
        instance_ = known->value_or(random_id());
        auto issued = BatchKeyCertificate::issue(key_, kCollectorId, instance_, key_.public_key());
        if (!issued)
            return issued.error();
        certificate_ = *issued;
    }
    auto position = store::find_stream(database, kCollectorId, instance_);
    if (!position)
        return position.error();
    if (*position)
        return **position;
    return store::create_stream(database, ori_, kCollectorId, instance_,
                                chain_genesis(kCollectorId, instance_, key_.public_key()), clock_.now());
}

}  // namespace sallyport::intake
