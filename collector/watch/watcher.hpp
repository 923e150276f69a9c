// SPDX-License-Identifier: Apache-2.0
//
// One look with all that follows from it: judge, remember, tell people. What `sallyportctl watch` does once or for
// ever. One thread.
#pragma once

#include <functional>

#include "collector/watch/lookout.hpp"
#include "collector/watch/vigil.hpp"

namespace sallyport::watch {

class Watcher {
public:
    using TakeLook = std::function<Look(WallTime now)>;
    using Sound = std::function<Result<void>(const Alarm& alarm)>;

    // Everything outlives it. Errc::not_found or bad_input: the head's key cannot be read.
    [[nodiscard]] static Result<Watcher> create(const WatchConfiguration& configuration, const Clock& clock,
                                                TakeLook look, AskForGrowth growth, Sound sound);

    struct Outcome {
        std::vector<Concern> concerns;
        std::optional<Error> trouble;  // the watch's own: its memory cannot be kept, nobody can be told
    };
    [[nodiscard]] Outcome once();
    // Believes the newest head that is shown and rightly signed, whatever was seen before, and takes back every alarm.
    [[nodiscard]] Result<std::string> accept(const std::string& reason);

private:
    Watcher(const WatchConfiguration& configuration, const Clock& clock, TakeLook look, AskForGrowth growth,
            Sound sound, PublicKey key);
    [[nodiscard]] Result<void> tell(const Tidings& tidings) const;

    const WatchConfiguration& configuration_;
    const Clock& clock_;
    TakeLook look_;
    AskForGrowth growth_;
    Sound sound_;
    PublicKey key_;
    Vigil vigil_;
};

}  // namespace sallyport::watch
