// SPDX-License-Identifier: Apache-2.0
//
// Carries the spool to the collector over one pipelined MQTT connection, until the collector has acknowledged it.
//
// Neither PUBACK nor the broker's queue counts. After each connect the collector repeats its acknowledgement at our
// birth; sending starts behind it. Up to `window` batches are under way; acknowledgements move the window, silence
// rewinds it. A new line on a quiet terminal goes out at once. Format: docs/formats/uplink.md.
//
// run() belongs to one thread and is the only sender; wake() and state() are thread-safe. Nothing here deletes
// anything: the spool does, when an acknowledgement that the collector signed names our own head.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "agent/spool/spool.hpp"
#include "protocol/adapters/mqtt_connection.hpp"
#include "protocol/batch.hpp"
#include "protocol/status.hpp"
#include "protocol/terminal_config.hpp"

namespace sallyport::agent {

struct UplinkOptions {
    std::string ori;
    MqttOptions broker;
    std::chrono::seconds heartbeat{60};
    std::size_t lines_max = 200;           // of a batch
    std::size_t bytes_max = 128 * 1024;    // of a batch's lines
    std::size_t window = 8;                // batches not acknowledged yet
    std::chrono::milliseconds acknowledgement_wait{2000};  // after a connect, for the collector's word
    std::chrono::milliseconds resend_after{10'000};
    std::chrono::milliseconds shortest_pause{500};
    std::chrono::milliseconds longest_pause{60'000};
    std::chrono::milliseconds farewell{2000};  // what run() may still send when asked to stop
};

struct UplinkState {
    bool connected = false;
    std::string trouble;  // empty while all is well; else a sentence, never a secret

    bool operator==(const UplinkState&) const = default;
};

class Uplink {
public:
    // What the terminal says of itself: boot, version, sensors. Number, head, queue and time are filled in here.
    using Describe = std::function<StatusMessage()>;
    using Changed = std::function<void(const UplinkState&)>;
    // A message on this terminal's `config`, signed by the collector; one that was heard before is among it.
    using Ordered = std::function<void(const TerminalConfig&)>;

    // The collector's public key decides which acknowledgements count. `describe`, `changed` and
    // `ordered` are called by run().
    Uplink(UplinkOptions options, Spool& spool, PublicKey collector, SigningKey batch_key,
           BatchKeyCertificate certificate, const Clock& clock, Describe describe, Changed changed = {},
           Ordered ordered = {});
    ~Uplink();
    Uplink(const Uplink&) = delete;
    Uplink& operator=(const Uplink&) = delete;

    // Until asked to stop; a broker that is away is not an error. Fails only when the connection cannot be set up at
    // all (a file that is missing).
    [[nodiscard]] Result<void> run(std::stop_token stop);
    // Something was appended to the spool. Cheap.
    void wake();
    // Says at once how the terminal is, e.g. after a sensor changed its state.
    void announce();
    [[nodiscard]] UplinkState state() const;

private:
    class Link;
    std::unique_ptr<Link> link_;
};

}  // namespace sallyport::agent
