// SPDX-License-Identifier: Apache-2.0
//
// A terminal of a test: real keys, a real chain, batches as an agent would send them, and wrong ones by request.
#pragma once

#include "collector/store/terminal_repository.hpp"
#include "protocol/batch.hpp"
#include "protocol/status.hpp"
#include "protocol/topics.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::testing {

class TestTerminal {
public:
    explicit TestTerminal(std::string terminal = "T-1") : name(std::move(terminal)) { renew(); }

    // A new spool: another instance, its numbering from 1.
    void renew() {
        instance = random_id();
        certificate = *BatchKeyCertificate::issue(enrolled, name, instance, batch_key.public_key());
        head = chain_genesis(name, instance, enrolled.public_key());
        next_seq = 1;
    }

    Event start(Record extra = {}) {
        Record body{{"version", "0.1.0"},
                    {"sha256", std::string(64, '0')},
                    {"reason", "boot"},
                    {"batch_key", certificate.key},
                    {"batch_key_cert", certificate.signature}};
        for (const auto& [field, value] : extra)
            body.set(field, value);
        return event("agent.start", name, instance, next_seq, body);
    }

    // The next line of the chain; the caller may alter the event first.
    std::string line(Event made) {
        made.seq = next_seq;
        made.nonce = random_id();
        return *encode_event(made);
    }
    std::string next_line() { return line(next_seq == 1 ? start() : usb_attach(name, instance, next_seq)); }

    // Signs these lines as the next batch and moves on.
    std::string batch(const std::vector<std::string>& lines) {
        const std::string message = batch_at(next_seq, head, lines);
        for (const std::string& one : lines)
            head = chain_link(head, *line_leaf(one));
        next_seq += lines.size();
        return message;
    }
    std::string batch(int count) {
        const auto first = next_seq;
        std::vector<std::string> lines;
        for (int i = 0; i < count; ++i) {
            lines.push_back(next_line());
            ++next_seq;
        }
        next_seq = first;
        return batch(lines);
    }
    std::string batch_at(std::uint64_t seq, const Digest& previous, const std::vector<std::string>& lines) const {
        BatchHeader header;
        header.terminal = name;
        header.instance = instance;
        header.first_seq = seq;
        header.previous = previous;
        return *encode_batch(header, lines, batch_key, certificate);
    }

    StatusMessage status_message(StatusKind kind, WallTime at) const {
        StatusMessage status;
        status.kind = kind;
        status.terminal = name;
        status.instance = instance;
        status.boot_id = std::string(32, 'b');
        status.seq = next_seq - 1;
        status.head = head;
        status.at = at;
        status.agent_version = "0.1.0";
        status.sensors = {{"usb", SensorState::ok}};
        return status;
    }
    std::string status(StatusKind kind, WallTime at) const {
        return *encode_status(status_message(kind, at), batch_key, certificate);
    }

    std::string topic(Channel channel = Channel::events) const { return to_string(Topic{ori, name, channel}); }
    store::TerminalKey key(WallTime now) const {
        return {name, ori, enrolled.public_key().base64(), std::string(64, '0'), now + std::chrono::hours(9999), now, {}, {}};
    }

    const std::string ori = "CA0300000";
    std::string name;
    std::string instance;
    SigningKey enrolled = *SigningKey::generate();
    SigningKey batch_key = *SigningKey::generate();
    BatchKeyCertificate certificate;
    Digest head{};
    std::uint64_t next_seq = 1;
};

}  // namespace sallyport::testing
