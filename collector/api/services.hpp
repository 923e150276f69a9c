// SPDX-License-Identifier: Apache-2.0
//
// What the API needs from the rest of the collector. All of it outlives the server.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "collector/api/live_feed.hpp"
#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::rules {
class RuleSet;
}

namespace sallyport::evidence {
struct Bundle;
struct BundleOrder;
}

namespace sallyport::api {

// What a terminal is handed that knows the authority's fingerprint; PEM. Empty: terminals are enrolled by hand here.
struct EnrolmentPapers {
    std::string authority;      // the authority's certificate
    std::string collector_key;  // the public key that signs acknowledgements
};

struct Services {
    store::Writer& writer;
    const Clock& clock;
    LiveFeed& live;
    // The rules in force; nothing while none are loaded. Any thread.
    std::function<std::shared_ptr<const rules::RuleSet>()> rules;
    // Makes an incident's evidence bundle against a head that is signed now. Any thread.
    std::function<Result<evidence::Bundle>(Database& reader, std::string_view ori, const evidence::BundleOrder& order)> bundle = {};
    EnrolmentPapers papers = {};
};

}  // namespace sallyport::api
