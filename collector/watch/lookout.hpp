// SPDX-License-Identifier: Apache-2.0
//
// Takes a look: asks the collector for its signed head over HTTPS, and the broker for the retained one over MQTT with a
// certificate of the watch's own, which may read heads and nothing else. One thread; a look takes at most some ten
// seconds.
#pragma once

#include <memory>

#include "collector/watch/head_view.hpp"
#include "collector/watch/watch_configuration.hpp"

namespace sallyport::watch {

inline constexpr std::string_view kCheckpointPath = "/api/v1/evidence/checkpoint";
inline constexpr std::string_view kConsistencyPath = "/api/v1/evidence/consistency";

class Lookout {
public:
    explicit Lookout(const WatchConfiguration& configuration) : configuration_(configuration) {}

    [[nodiscard]] Look look(WallTime now) const;
    // For Vigil: the path between two sizes of the collector's tree.
    [[nodiscard]] Result<std::vector<Digest>> growth(std::uint64_t from, std::uint64_t to) const;

private:
    [[nodiscard]] HeadView ask_collector() const;
    [[nodiscard]] HeadView ask_broker() const;

    const WatchConfiguration& configuration_;
};

}  // namespace sallyport::watch
