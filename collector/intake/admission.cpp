// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/admission.hpp"

#include <algorithm>
#include <cctype>

#include "collector/store/fork_repository.hpp"

namespace sallyport::intake {
namespace {

constexpr std::size_t kFieldNameMax = 64;  // of server.tombstone

Acknowledgement position_of(const BatchHeader& header, const store::StreamPosition& stream) {
    return {header.terminal, header.instance, stream.last_seq, stream.head};
}

// A revocation and a batch may meet: the transaction decides which came first (system.md 9.12).
Result<bool> still_enrolled(Database& database, const CheckedBatch& checked) {
    auto keys = store::keys_of(database, checked.batch.header.terminal);
    if (!keys)
        return keys.error();
    return std::any_of(keys->begin(), keys->end(), [&](const store::TerminalKey& key) {
        return key.public_key == checked.enrolled_key && !key.revoked_at;
    });
}

// Does a new instance follow from what we have of the one before it?
Result<std::string> continuity(Database& database, const CheckedBatch& checked) {
    auto known = store::streams_of(database, checked.batch.header.terminal);
    if (!known)
        return known.error();
    if (!checked.start)
        return std::string("no");  // its first line is not the agent's start
    const InstanceStart& start = *checked.start;
    if (start.previous_instance == "unknown")
        return std::string("unknown");
    if (start.previous_instance.empty())
        return std::string(known->empty() ? "yes" : "no");
    auto previous = store::find_stream(database, checked.batch.header.terminal, start.previous_instance);
    if (!previous)
        return previous.error();
    const bool fits = *previous && (*previous)->last_seq == start.previous_seq &&
                      to_hex((*previous)->head) == start.previous_head;
    return std::string(fits ? "yes" : "no");
}

Result<store::StreamPosition> open_stream(Database& database, const CheckedBatch& checked, WallTime now,
                                          std::vector<Notice>& notices) {
    const BatchHeader& header = checked.batch.header;
    auto fits = continuity(database, checked);
    if (!fits)
        return fits.error();
    Record body{{"terminal", header.terminal}, {"instance", header.instance}, {"continuity", *fits}};
    if (checked.start && !checked.start->previous_instance.empty())
        body.set("previous_instance", checked.start->previous_instance);
    notices.push_back({"server.instance", std::move(body), std::nullopt});
    return store::create_stream(database, checked.ori, header.terminal, header.instance, checked.genesis, now);
}

// The first line that we have under the same seq with another leaf: two histories of one identity. The other's lines are
// kept beside ours.
Result<std::optional<Notice>> find_fork(Database& database, const CheckedBatch& checked,
                                        const store::StreamPosition& stream, WallTime now) {
    const BatchHeader& header = checked.batch.header;
    std::optional<Notice> notice;
    for (std::uint64_t seq = header.first_seq; seq <= std::min(header.last_seq(), stream.last_seq); ++seq) {
        auto known = store::leaf_at(database, stream.stream_id, seq);
        if (!known)
            return known.error();
        const store::NewEvent& claimed = checked.events[seq - header.first_seq];
        if (!*known || **known == claimed.leaf)
            continue;
        if (auto kept = store::save_forked_line(database, stream.stream_id, seq,
                                                {claimed.leaf, claimed.line, checked.batch.header_line, now});
            !kept)
            return kept.error();
        if (!notice)
            notice = Notice{"server.fork",
                            Record{{"terminal", header.terminal},
                                   {"instance", header.instance},
                                   {"seq", seq},
                                   {"leaf", to_hex(**known)},
                                   {"other_leaf", to_hex(claimed.leaf)}},
                            std::nullopt};
    }
    return notice;
}

// The message as it came: decoding took nothing away.
std::string message_of(const Batch& batch) {
    std::string message = batch.header_line;
    for (const std::string& line : batch.lines)
        message.append(1, '\n').append(line);
    return message;
}

Notice refusal_notice(const CheckedBatch& checked, const char* reason) {
    const std::string& terminal = checked.batch.header.terminal;
    const std::string message = message_of(checked.batch);
    const std::string topic = to_string(Topic{checked.ori, terminal, Channel::events});
    return {"server.refusal",
            Record{{"terminal", terminal},
                   {"reason", reason},
                   {"sha256", to_hex(sha256(bytes_of(message)))},
                   {"size", static_cast<std::int64_t>(message.size())},
                   {"topic_sha256", to_hex(sha256(bytes_of(topic)))}},
            std::nullopt};
}

// The sender may have chosen that name. What our own log could not take would block the terminal for ever.
std::string field_name(const SchemaFault& fault) {
    std::string name = fault.field.empty() ? "unnamed" : fault.field.substr(0, kFieldNameMax);
    std::replace_if(name.begin(), name.end(),
                    [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '_' && c != '-'; }, '_');
    return name;
}

void tell_rejected(const CheckedBatch& checked, std::uint64_t first_new, std::vector<Notice>& notices) {
    const BatchHeader& header = checked.batch.header;
    for (const RejectedLine& line : checked.rejected)
        if (line.seq >= first_new)
            notices.push_back({"server.tombstone",
                               Record{{"terminal", header.terminal},
                                      {"instance", header.instance},
                                      {"seq", line.seq},
                                      {"leaf", to_hex(line.leaf)},
                                      {"size", static_cast<std::int64_t>(line.size)},
                                      {"field", field_name(line.fault)},
                                      {"reason", line.fault.reason}},
                               std::nullopt});
}

Admitted refused(const CheckedBatch& checked, const char* reason) {
    Admitted admitted;
    admitted.refused = true;
    admitted.notices.push_back(refusal_notice(checked, reason));
    return admitted;
}

}  // namespace

Result<Admitted> admit(Database& database, store::EventAppender& appender, const CheckedBatch& checked, WallTime now) {
    const BatchHeader& header = checked.batch.header;
    auto enrolled = still_enrolled(database, checked);
    if (!enrolled)
        return enrolled.error();
    if (!*enrolled)
        return refused(checked, "revoked");

    Admitted admitted;
    auto known = store::find_stream(database, header.terminal, header.instance);
    if (!known)
        return known.error();
    if (!*known && header.first_seq != 1) {
        // We have nothing of this instance: say so, and the agent rewinds to its first line.
        admitted.ack = Acknowledgement{header.terminal, header.instance, 0, checked.genesis};
        return admitted;
    }
    if (!*known && header.previous != checked.genesis)
        return refused(checked, "chain_break");
    auto stream = *known ? Result<store::StreamPosition>(**known) : open_stream(database, checked, now, admitted.notices);
    if (!stream)
        return stream.error();

    auto fork = find_fork(database, checked, *stream, now);
    if (!fork)
        return fork.error();
    if (*fork) {
        admitted.refused = true;
        admitted.notices.push_back(std::move(**fork));
        return admitted;
    }
    // Known already, or further ahead than we are: neither stored nor alerted, the answer is where we stand.
    if (header.last_seq() <= stream->last_seq || header.first_seq > stream->last_seq + 1) {
        admitted.ack = position_of(header, *stream);
        return admitted;
    }
    const std::size_t overlap = stream->last_seq + 1 - header.first_seq;
    Digest head = stream->head;
    for (std::size_t i = overlap; i < checked.events.size(); ++i)
        head = chain_link(head, checked.events[i].leaf);
    if (head != header.head)
        return refused(checked, "chain_break");
    const std::uint64_t first_new = stream->last_seq + 1;
    const std::vector<store::NewEvent> fresh(checked.events.begin() + static_cast<std::ptrdiff_t>(overlap),
                                             checked.events.end());
    if (auto stored = appender.append(*stream, checked.batch.header_line, fresh, now); !stored)
        return stored.error();
    tell_rejected(checked, first_new, admitted.notices);
    admitted.stored = fresh.size();
    admitted.ack = position_of(header, *stream);
    return admitted;
}

}  // namespace sallyport::intake
