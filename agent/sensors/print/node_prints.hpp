// SPDX-License-Identifier: Apache-2.0
//
// What somebody sends straight to a printer's device node, as print.job events: `submitted` with the first byte,
// `completed` when the node is closed. How much it was and whose nobody can tell, so that pages, bytes and
// account are left out. The printer is known by the hash of `node:NODE` and has no id: like every printer that no
// register knows it is not approved.
#pragma once

#include <map>
#include <string>

#include "agent/sensors/print/print_watch.hpp"
#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

class NodePrints {
public:
    // Moves on only when the sink has taken the observation.
    [[nodiscard]] Result<void> report(const NodeUse& use, const SensorContext& context);

private:
    std::map<std::string, std::string> open_;  // node -> job_id
};

}  // namespace sallyport::agent
