// SPDX-License-Identifier: Apache-2.0
//
// A real spool in a folder of its own, and what its events say.
#pragma once

#include <gtest/gtest.h>

#include "agent/recorder.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_broker.hpp"

namespace sallyport::agent {

class CoreFixture : public ::testing::Test {
protected:
    explicit CoreFixture(SpoolLimits limits = {}) {
        spool_ = *Spool::open(folder_ / "spool.db", "T-1", key_.public_key(), clock_, limits);
        recorder_ = std::make_unique<Recorder>(*spool_, clock_, std::string(32, 'b'), std::string(64, 'c'));
    }

    [[nodiscard]] std::vector<Event> events() const {
        std::vector<Event> found;
        for (std::uint64_t seq = spool_->first_retained(); seq <= spool_->last().seq; ++seq) {
            auto slice = spool_->read(seq, 1, 1);
            auto decoded = decode_event(slice->lines.at(0));
            if (auto* event = std::get_if<Event>(&decoded)) found.push_back(*event);
        }
        return found;
    }
    static Observation something() {
        Observation observation;
        observation.type = "agent.stop";
        observation.body = {{"version", "0.1.0"}, {"reason", "test"}};
        return observation;
    }

    testing::TemporaryFolder folder_;
    testing::ManualClock clock_;
    SigningKey key_ = *SigningKey::generate();
    std::unique_ptr<Spool> spool_;
    std::unique_ptr<Recorder> recorder_;
};

}  // namespace sallyport::agent
