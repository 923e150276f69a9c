// SPDX-License-Identifier: Apache-2.0
//
// A watch on a recorded machine: the test changes files and the clock, and lets it look.
#pragma once

#include <memory>
#include <set>

#include "agent/sensors/host_watch.hpp"
#include "tests/agent/sensors/identity/recorded_machine.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/running_sensor.hpp"

namespace sallyport::testing {

class FollowedThings final : public agent::Following {
public:
    void file(const std::filesystem::path& path, Of) override { files.insert(path.string()); }
    void process(std::int64_t id) override { processes.insert(id); }
    std::set<std::string> files;
    std::set<std::int64_t> processes;
};

class WatchStage : public ::testing::Test {
protected:
    Result<void> look() { return watch_->look({witness_, witness_, clock_}, followed_); }
    // The bodies of that type, as JSON, and forgets them.
    std::vector<std::string> told(std::string_view type) {
        std::vector<std::string> bodies;
        for (const auto& seen : witness_.of(type))
            bodies.push_back(write_json(seen.body));
        witness_.forget();
        return bodies;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (machine_.root() / name).string(); }

    RecordedMachine machine_;
    ManualClock clock_;
    Witness witness_;
    FollowedThings followed_;
    std::unique_ptr<agent::HostWatch> watch_;
};

using Bodies = std::vector<std::string>;

}  // namespace sallyport::testing
