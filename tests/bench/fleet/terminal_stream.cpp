// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/fleet/terminal_stream.hpp"

#include <algorithm>

#include "protocol/envelope.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::bench {

TerminalStream::TerminalStream(std::string terminal, const SigningKey& enrolled)
    : terminal_(std::move(terminal)), instance_(random_id()), batch_key_(*SigningKey::generate()) {
    certificate_ = *BatchKeyCertificate::issue(enrolled, terminal_, instance_, batch_key_.public_key());
    header_.terminal = terminal_;
    header_.instance = instance_;
    header_.first_seq = 1;
    header_.previous = chain_genesis(terminal_, instance_, enrolled.public_key());
}

// Nothing that any rule objects to, however often it comes.
std::string TerminalStream::line(std::uint64_t seq, WallTime at) {
    Event event = seq == 1 ? testing::event("agent.start", terminal_, instance_, seq,
                                            Record{{"version", "bench"},
                                                   {"sha256", std::string(64, '0')},
                                                   {"reason", "boot"},
                                                   {"batch_key", certificate_.key},
                                                   {"batch_key_cert", certificate_.signature}},
                                            at)
                           : testing::event("session.lock", terminal_, instance_, seq, {{"cause", "timeout"}}, at);
    event.nonce = random_id();
    return *encode_event(event);
}

void TerminalStream::add_batch(std::uint64_t lines, std::chrono::steady_clock::time_point due, WallTime now) {
    std::vector<std::string> texts;
    for (std::uint64_t i = 0; i < lines; ++i)
        texts.push_back(line(header_.first_seq + i, now));
    batches_.push_back({header_.first_seq, header_.first_seq + lines - 1, due,
                        *encode_batch(header_, texts, batch_key_, certificate_)});
    for (const std::string& text : texts)
        header_.previous = chain_link(header_.previous, leaf_of(text));
    heads_.push_back(header_.previous);
    header_.first_seq += lines;
}

const StreamBatch* TerminalStream::batch_of(std::uint64_t seq) const {
    const auto at = std::lower_bound(batches_.begin(), batches_.end(), seq,
                                     [](const StreamBatch& batch, std::uint64_t wanted) { return batch.last_seq < wanted; });
    return at == batches_.end() ? nullptr : &*at;
}

bool TerminalStream::acknowledge(std::uint64_t seq, const Digest& head,
                                 const std::function<void(const StreamBatch&)>& each) {
    while (!batches_.empty() && batches_.front().last_seq <= seq) {
        if (batches_.front().last_seq == seq && heads_.front() != head)
            return false;
        each(batches_.front());
        batches_.pop_front();
        heads_.pop_front();
    }
    acknowledged_ = std::max(acknowledged_, seq);
    return true;
}

std::string TerminalStream::status(StatusKind kind, WallTime now) const {
    StatusMessage status;
    status.kind = kind;
    status.terminal = terminal_;
    status.instance = instance_;
    status.boot_id = std::string(32, 'b');
    status.seq = last_seq();
    status.head = header_.previous;
    status.at = now;
    status.queue_depth = waiting();
    status.agent_version = "0.1.0";
    status.sensors = {{"usb", SensorState::ok}, {"session", SensorState::ok}};
    return *encode_status(status, batch_key_, certificate_);
}

}  // namespace sallyport::bench
