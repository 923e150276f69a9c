// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/batch_check.hpp"

#include "protocol/envelope.hpp"
#include "protocol/topics.hpp"

namespace sallyport::intake {
namespace {

constexpr std::size_t kCertifiedMax = 50'000;

Refusal refuse(std::string reason, const std::optional<Topic>& topic, const Error& error) {
    return {std::move(reason), topic ? topic->terminal : std::string(), error.message()};
}

// What a line has to say beyond the schema: it is this terminal's, this instance's, and stands in its place.
std::optional<SchemaFault> misplaced(const Event& event, const BatchHeader& header, std::uint64_t seq) {
    if (event.terminal_id != header.terminal)
        return SchemaFault{"terminal_id", "not_the_header"};
    if (event.agent_instance != header.instance)
        return SchemaFault{"agent_instance", "not_the_header"};
    if (event.seq != seq)
        return SchemaFault{"seq", "not_its_place"};
    if (find_event_type(event.type)->origin != Origin::terminal)
        return SchemaFault{"type", "not_for_terminals"};
    return std::nullopt;
}

InstanceStart start_of(const Event& event) {
    return {std::string(text_of(event.body, "previous_instance")),
            static_cast<std::uint64_t>(integer_of(event.body, "previous_seq")),
            std::string(text_of(event.body, "previous_head"))};
}

void reject(CheckedBatch& checked, std::uint64_t seq, const Digest& leaf, std::size_t size, SchemaFault fault) {
    // No type is believed of a line that is no event, and none of its content kept.
    checked.events.push_back({"rejected", WallTime{}, leaf, std::nullopt, "rejected"});
    checked.rejected.push_back({seq, leaf, size, std::move(fault)});
}

void take_line(CheckedBatch& checked, std::size_t index, const Digest& leaf) {
    const std::string& line = checked.batch.lines[index];
    const std::uint64_t seq = checked.batch.header.first_seq + index;
    if (auto tombstone = decode_tombstone(line)) {
        const EventType* type = find_event_type(tombstone->type);
        if (tombstone->seq != seq || type == nullptr || type->origin != Origin::terminal)
            reject(checked, seq, leaf, line.size(), {"tombstone", "not_its_place"});
        else
            checked.events.push_back({tombstone->type, WallTime{}, leaf, std::nullopt, tombstone->reason});
        return;
    }
    auto decoded = decode_event(line);
    if (const auto* refusal = std::get_if<EventRefusal>(&decoded)) {
        reject(checked, seq, leaf, line.size(), refusal->fault.value_or(SchemaFault{"line", "malformed"}));
        return;
    }
    const Event& event = std::get<Event>(decoded);
    if (auto fault = misplaced(event, checked.batch.header, seq)) {
        reject(checked, seq, leaf, line.size(), std::move(*fault));
        return;
    }
    if (seq == 1 && event.type == "agent.start")
        checked.start = start_of(event);
    checked.events.push_back({event.type, event_time(event), leaf, line, std::nullopt, event.drill.has_value()});
}

}  // namespace

std::variant<CheckedBatch, Refusal> BatchCheck::check(std::string_view topic_text, std::string_view payload,
                                                      const std::vector<store::TerminalKey>& keys) {
    const auto topic = parse_topic(topic_text);
    if (!topic || topic->channel != Channel::events)
        return Refusal{"bad_topic", "", "not a topic of events"};
    auto batch = decode_batch(payload);
    if (!batch)
        return refuse(batch.error().code() == Errc::exhausted ? "too_large" : "malformed", topic, batch.error());
    if (batch->header.terminal != topic->terminal)
        return Refusal{"terminal_mismatch", topic->terminal, "the header names another terminal than the topic"};

    auto signer = signer_of(batch->header, *topic, keys);
    if (auto* refusal = std::get_if<Refusal>(&signer))
        return std::move(*refusal);
    const auto& [enrolled, batch_key] = std::get<Signer>(signer);
    if (auto good = verify_signature(batch->header, batch_key); !good)
        return refuse("bad_signature", topic, good.error());
    auto leaves = verify_chain(*batch);
    if (!leaves)
        return refuse("chain_break", topic, leaves.error());

    CheckedBatch checked;
    checked.ori = topic->ori;
    checked.enrolled_key = enrolled.base64();
    checked.genesis = chain_genesis(batch->header.terminal, batch->header.instance, enrolled);
    checked.batch = std::move(batch).value();
    checked.events.reserve(leaves->size());
    for (std::size_t i = 0; i < leaves->size(); ++i)
        take_line(checked, i, (*leaves)[i]);
    return checked;
}

std::variant<BatchCheck::Signer, Refusal> BatchCheck::signer_of(const BatchHeader& header, const Topic& topic,
                                                                const std::vector<store::TerminalKey>& keys) {
    bool revoked = false;
    for (const store::TerminalKey& key : keys) {
        auto signer = certified_signer(header, key.public_key);
        if (!signer)
            continue;
        if (!key.revoked_at && key.ori == topic.ori)
            return std::move(signer).value();
        revoked = revoked || key.revoked_at.has_value();
    }
    if (keys.empty())
        return Refusal{"unknown_terminal", topic.terminal, "no key is enrolled for this terminal"};
    if (revoked)
        return Refusal{"revoked", topic.terminal, "the terminal's key was revoked"};
    return Refusal{"unknown_key", topic.terminal, "the batch key is not certified by the terminal's enrolled key"};
}

Result<BatchCheck::Signer> BatchCheck::certified_signer(const BatchHeader& header, const std::string& enrolled) {
    const std::string name = header.terminal + ' ' + header.instance + ' ' + enrolled + ' ' + header.signer.key + ' ' +
                             header.signer.signature;
    if (auto known = certified_.find(name); known != certified_.end())
        return known->second;
    auto key = PublicKey::from_base64(enrolled);
    if (!key)
        return key.error();
    auto batch_key = header.signer.check(*key, header.terminal, header.instance);
    if (!batch_key)
        return batch_key.error();
    if (certified_.size() >= kCertifiedMax)
        certified_.clear();
    return certified_.emplace(name, Signer{*key, *batch_key}).first->second;
}

}  // namespace sallyport::intake
