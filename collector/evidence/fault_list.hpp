// SPDX-License-Identifier: Apache-2.0
//
// Faults on their way into a report: a log that is wrong from end to end must not fill the memory.
#pragma once

#include "collector/evidence/log_check.hpp"

namespace sallyport::evidence {

class FaultList {
public:
    explicit FaultList(LogCheckReport& report) : report_(report) {}

    void add(std::string kind, std::string place, std::string what) {
        if (++report_.fault_count <= kFaultsMax)
            report_.faults.push_back({std::move(kind), std::move(place), std::move(what)});
    }

private:
    LogCheckReport& report_;
};

}  // namespace sallyport::evidence
