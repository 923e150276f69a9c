// SPDX-License-Identifier: Apache-2.0
#include "collector/watch/lookout.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "protocol/json.hpp"

namespace sallyport::watch {
namespace {

constexpr std::size_t kCheckpointBytesMax = 4096;
constexpr std::chrono::seconds kBrokerWithin{10};
// After the subscription is in place a retained head is there at once, or there is none.
constexpr std::chrono::seconds kRetainedWithin{2};

HeadView silent(std::string why) {
    return {std::move(why), std::nullopt};
}

// What the connection's own thread hears, for the one that waits.
struct Hearing {
    std::mutex mutex;
    std::condition_variable changed;
    bool connected = false;
    std::optional<std::string> lost, head;

    template <class Change>
    void tell(const Change& change) {
        const std::scoped_lock lock(mutex);
        change();
        changed.notify_all();
    }
};

// `proof` of the answer (docs/formats/evidence-log.md): hashes in base64; null stands for none.
Result<std::vector<Digest>> path_from(const Record& answer) {
    const Error no_proof(Errc::bad_input, "the answer is no proof");
    const Value* value = answer.find("proof");
    if (value != nullptr && value->is_null()) return std::vector<Digest>();
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    if (list == nullptr) return no_proof;
    std::vector<Digest> path;
    for (const Value& item : *list) {
        const auto* text = item.as<std::string>();
        const auto bytes = text == nullptr ? Result<Bytes>(no_proof) : from_base64(*text);
        if (!bytes || bytes->size() != Digest().size()) return no_proof;
        std::copy(bytes->begin(), bytes->end(), path.emplace_back().begin());
    }
    return path;
}

}  // namespace

Look Lookout::look(WallTime now) const {
    return {now, ask_collector(), ask_broker()};
}

HeadView Lookout::ask_collector() const {
    auto answer = https_get(configuration_.collector, std::string(kCheckpointPath) + "?ori=" + configuration_.ori);
    if (!answer) return silent(answer.error().message());
    if (answer->status == 404) return {std::nullopt, std::nullopt};
    if (answer->status != 200) return silent("status " + std::to_string(answer->status));
    if (answer->body.size() > kCheckpointBytesMax)
        return silent("a head of " + std::to_string(answer->body.size()) + " bytes");
    return {std::nullopt, std::move(answer->body)};
}

Result<std::vector<Digest>> Lookout::growth(std::uint64_t from, std::uint64_t to) const {
    const auto answer =
        https_get(configuration_.collector, std::string(kConsistencyPath) + "?ori=" + configuration_.ori +
                                                "&from=" + std::to_string(from) + "&to=" + std::to_string(to));
    if (!answer) return answer.error();
    if (answer->status != 200) return Error(Errc::unavailable, "status " + std::to_string(answer->status));
    const auto record = read_json_record(answer->body, {.bytes_max = 1 << 20, .depth_max = 6, .fields_max = 1000});
    return record ? path_from(*record) : Result<std::vector<Digest>>(record.error());
}

HeadView Lookout::ask_broker() const {
    Hearing hearing;
    MqttHandlers handlers;
    handlers.connected = [&] { hearing.tell([&] { hearing.connected = true; }); };
    handlers.lost = [&](const std::string& why) { hearing.tell([&] { hearing.lost = why; }); };
    handlers.received = [&](MqttMessage message) {
        if (message.payload.size() <= kCheckpointBytesMax)
            hearing.tell([&] { hearing.head = std::move(message.payload); });
    };
    handlers.delivered = [](std::uint64_t, bool) {};
    auto connection = MqttConnection::create(configuration_.broker, std::move(handlers));
    if (!connection) return silent(connection.error().message());
    if (auto begun = (*connection)->connect({"sallyport/1/" + configuration_.ori + "/head"}, std::nullopt); !begun)
        return silent(begun.error().message());
    std::unique_lock lock(hearing.mutex);
    const bool told = hearing.changed.wait_for(lock, kBrokerWithin, [&] { return hearing.connected || hearing.lost; });
    if (told && hearing.connected)
        hearing.changed.wait_for(lock, kRetainedWithin, [&] { return hearing.head || hearing.lost; });
    lock.unlock();
    (*connection)->disconnect(std::chrono::seconds(1));
    connection->reset();  // no handler runs from here on
    if (!hearing.connected) return silent(hearing.lost.value_or("no answer in time"));
    return {std::nullopt, std::move(hearing.head)};
}

}  // namespace sallyport::watch
