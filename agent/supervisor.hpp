// SPDX-License-Identifier: Apache-2.0
//
// Runs each sensor on a thread of its own and keeps it running: one that fails, throws or ends is reported as degraded
// with the reason (unless it said itself what is wrong) and started again after a pause that doubles from 1 s to 5 min.
// No sensor takes another with it. One can be made to rest for a while, when the agent has to give something up.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

struct SupervisorPauses {
    std::chrono::milliseconds shortest{1000};
    std::chrono::milliseconds longest{5 * 60 * 1000};
    // A run that lasted so long counts as a new beginning.
    std::chrono::milliseconds sound{10 * 60 * 1000};
};

class Supervisor {
public:
    // Told once for each failure: a sentence with the sensor's name, for the log.
    using Failed = std::function<void(const std::string& sentence)>;

    Supervisor(SensorContext context, SupervisorPauses pauses, Failed failed);
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

    void start(std::unique_ptr<Sensor> sensor);

    // The sensor ends its run and is reported as degraded with the reason, until it may go on. False: there is none of
    // that name, or it is not at work.
    bool rest(std::string_view sensor, std::string_view reason);
    bool let_go_on(std::string_view sensor);

    // Asks all to stop and waits up to `patience`. Returns the names of those that did not: their threads are left
    // alone, and the process must end without destroying what the context refers to.
    [[nodiscard]] std::vector<std::string> stop(std::chrono::milliseconds patience);

private:
    class Watch;
    [[nodiscard]] Watch* find(std::string_view sensor) const;
    const SensorContext context_;
    const SupervisorPauses pauses_;
    const Failed failed_;
    std::vector<std::shared_ptr<Watch>> watches_;
};

}  // namespace sallyport::agent
