// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/node_prints.hpp"

#include <algorithm>

#include "protocol/crypto.hpp"

namespace sallyport::agent {
namespace {

// Unlike any number of a print server, and another one after each start of the machine.
std::string job_id_for(std::string node, WallTime now) {
    std::replace(node.begin(), node.end(), '/', '-');
    return node + "-" + std::to_string(now.time_since_epoch().count());
}

Observation direct_print(const std::string& node, const std::string& job_id, std::string_view state,
                         WallTime now) {
    Observation seen;
    seen.type = "print.job";
    seen.body = {{"job_id", job_id},
                 {"printer_hash", to_hex(sha256(bytes_of("node:" + node)))},
                 {"printer_kind", "local"},
                 {"way", "device_node"},
                 {"pages_source", "none"},
                 {"state", state}};
    seen.occurred_at = now;
    return seen;
}

}  // namespace

Result<void> NodePrints::report(const NodeUse& use, const SensorContext& context) {
    const WallTime now = context.clock.now();
    const auto known = open_.find(use.node);
    const bool begins = use.kind == NodeUse::Kind::begun;
    if (begins == (known != open_.end())) return {};
    const std::string job_id = begins ? job_id_for(use.node, now) : known->second;
    auto taken = context.sink.take(direct_print(use.node, job_id, begins ? "submitted" : "completed", now));
    if (!taken) return taken;
    if (begins)
        open_[use.node] = job_id;
    else
        open_.erase(known);
    return {};
}

}  // namespace sallyport::agent
