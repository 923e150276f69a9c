// SPDX-License-Identifier: Apache-2.0
//
// Everything that can be said of a message before the store is asked: does topic, header and enrolled key agree, is it
// signed, do the lines lead to the head, does each fit the schema. One thread.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "collector/store/event_log.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/batch.hpp"
#include "protocol/schema.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {

// Why an unauthenticated message is not taken; `reason` is a choice of the event server.refusal.
struct Refusal {
    std::string reason;
    std::string terminal;  // as the topic claims; empty when it names none
    std::string why;       // a sentence, without any of the content
};

// A rightly signed line that is no event: its content is dropped, its place in the chain kept (system.md 9.2).
struct RejectedLine {
    std::uint64_t seq = 0;
    Digest leaf{};
    std::size_t size = 0;
    SchemaFault fault;
};

// What the first line of an instance says of the one before it (system.md 9.1).
struct InstanceStart {
    std::string previous_instance;  // empty: none named; `unknown`: it does not know
    std::uint64_t previous_seq = 0;
    std::string previous_head;
};

struct CheckedBatch {
    Batch batch;
    std::string ori;
    std::string enrolled_key;  // base64: looked at again inside the transaction
    Digest genesis{};
    std::vector<store::NewEvent> events;  // one a line
    std::vector<RejectedLine> rejected;
    std::optional<InstanceStart> start;   // when the first line is seq 1 and an agent.start
};

class BatchCheck {
public:
    // `keys`: the keys enrolled for the topic's terminal, revoked ones included.
    [[nodiscard]] std::variant<CheckedBatch, Refusal> check(std::string_view topic, std::string_view payload,
                                                            const std::vector<store::TerminalKey>& keys);

private:
    struct Signer {
        PublicKey enrolled;
        PublicKey batch_key;
    };
    // The enrolled key in force that certified the header's batch key, or why there is none.
    [[nodiscard]] std::variant<Signer, Refusal> signer_of(const BatchHeader& header, const Topic& topic,
                                                          const std::vector<store::TerminalKey>& keys);
    // Both keys, if the enrolled one certified the header's.
    [[nodiscard]] Result<Signer> certified_signer(const BatchHeader& header, const std::string& enrolled);

    // Certificates that were checked, with the keys parsed: one signature a message is enough, the rest is the same
    // every time. Revocation is not decided here.
    std::unordered_map<std::string, Signer> certified_;
};

}  // namespace sallyport::intake
