// SPDX-License-Identifier: Apache-2.0
//
// The limit that intake is held against: a subscriber that only counts, over the same broker, TLS and topics. With
// --verify it also checks one P-256 signature a message and nothing else; with --store it is the naive consumer, which
// writes each message in a transaction of its own before it lets the next one come. Ends at the expected number of events.
#include <mosquitto.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include <chrono>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/batch.hpp"
#include "protocol/json.hpp"

namespace {

struct Counter {
    std::uint64_t expected = 0;
    bool verify = false;
    std::optional<sallyport::Database> store;
    std::uint64_t events = 0;
    std::chrono::steady_clock::time_point first{};
    bool subscribed = false;
};

bool store(sallyport::Database& database, std::string_view text) {
    auto transaction = database.begin();
    auto insert = database.prepare("INSERT INTO message (text) VALUES (?)");
    return transaction && insert && insert->bind(1, text).run() && transaction->commit();
}

void on_message(mosquitto* client, void* self, const mosquitto_message* message) {
    auto& counter = *static_cast<Counter*>(self);
    const std::string_view text(static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen));
    if (counter.events == 0)
        counter.first = std::chrono::steady_clock::now();
    counter.events += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    if (counter.verify) {
        auto batch = sallyport::decode_batch(text);
        auto key = batch ? sallyport::PublicKey::from_base64(batch->header.signer.key)
                         : sallyport::Result<sallyport::PublicKey>(batch.error());
        if (!key || !sallyport::verify_signature(batch->header, *key))
            std::exit(3);
    }
    if (counter.store && !store(*counter.store, text))
        std::exit(3);
    if (counter.events >= counter.expected)
        mosquitto_disconnect(client);
}

}  // namespace

int main(int argc, char** argv) {
    std::string host = "127.0.0.1", ca, certificate, key, file;
    int port = 8883;
    Counter counter;
    CLI::App app{"Counts events as they come", "bench-subscriber"};
    app.add_option("--host", host);
    app.add_option("--port", port);
    app.add_option("--ca", ca)->required();
    app.add_option("--certificate", certificate)->required();
    app.add_option("--key", key)->required();
    app.add_option("--expect", counter.expected)->required();
    app.add_flag("--verify", counter.verify);
    app.add_option("--store", file);
    CLI11_PARSE(app, argc, argv);

    if (!file.empty()) {
        auto opened = sallyport::Database::open(file);
        if (!opened || !opened->execute("CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")) {
            std::cerr << "bench-subscriber: cannot open " << file << "\n";
            return 3;
        }
        counter.store.emplace(std::move(opened).value());
    }

    mosquitto_lib_init();
    mosquitto* client = mosquitto_new("collector-receive", true, &counter);
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 1000);
    mosquitto_tls_set(client, ca.c_str(), nullptr, certificate.c_str(), key.c_str(), nullptr);
    mosquitto_connect_callback_set(client, [](mosquitto* self, void*, int) {
        mosquitto_subscribe(self, nullptr, "sallyport/1/+/+/events", 1);
    });
    mosquitto_subscribe_callback_set(client, [](mosquitto*, void*, int, int, const int*) {
        std::cout << "ready" << std::endl;
    });
    mosquitto_message_callback_set(client, on_message);
    if (mosquitto_connect(client, host.c_str(), port, 60) != MOSQ_ERR_SUCCESS) {
        std::cerr << "bench-subscriber: cannot connect\n";
        return 3;
    }
    mosquitto_loop_forever(client, -1, 1);
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                       static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    std::cout << sallyport::write_json(sallyport::Record{
                     {"events", counter.events},
                     {"events_per_second", static_cast<double>(counter.events) /
                                               std::chrono::duration<double>(std::chrono::steady_clock::now() - counter.first).count()},
                     {"cpu_us_per_event", cpu * 1e6 / static_cast<double>(counter.events)}})
              << std::endl;
    mosquitto_destroy(client);
    mosquitto_lib_cleanup();
}
