// SPDX-License-Identifier: Apache-2.0
//
// A small sensor: one thing about the host that changes seldom. All watches share the host sensor's one thread, which
// sleeps until the kernel tells of something or a watch's time has come: a thread of its own, as larger sensors have, would
// cost each terminal more than the watch is worth.
//
// To add one: its source here, its test, a row in agent/sensors/catalogue.cpp (CONTRIBUTING.md walks through one).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "agent/sensors/sensor.hpp"

namespace sallyport::agent {

// What the kernel told.
struct Stir {
    enum class Kind {
        device,         // one came, went or changed; `what` is its subsystem, as `drm`
        network,        // an interface, an address or a route
        clock_set,      // the wall clock was set
        file,           // a followed file was changed or opened; `what` is its path
        process_ended,  // a followed process; `what` is its number
        missed,         // it told more than was read: everything has to be looked at again
    };
    Kind kind = Kind::missed;
    std::string what;
};

// What a watch may ask to be told of. Asking again for the same is free; what does not exist yet is told of once it does.
class Following {
public:
    virtual ~Following() = default;
    enum class Of { changes, opening };  // written, renamed, removed, given other rights; or opened by anybody
    virtual void file(const std::filesystem::path& path, Of of) = 0;
    virtual void process(std::int64_t id) = 0;
};

// Used by one thread.
class HostWatch {
public:
    virtual ~HostWatch() = default;
    // The name in `agent.sensor` and in heartbeats; a token.
    [[nodiscard]] virtual std::string_view name() const = 0;
    // Looks, tells what changed since the last look, and reports its own health: `absent` with a reason where the platform
    // cannot tell. The first look tells what is already so, with an unknown time. After an error it is looked again; what
    // the sink did not take must be told then.
    [[nodiscard]] virtual Result<void> look(const SensorContext& context, Following& following) = 0;
    // Whether this is a reason to look now.
    [[nodiscard]] virtual bool is_stirred_by(const Stir& stir) const = 0;
    // How long after a stir: one cause often stirs several times.
    [[nodiscard]] virtual std::chrono::milliseconds settles_after() const { return {}; }
    // The longest time between two looks. Never below 10 s.
    [[nodiscard]] virtual std::chrono::milliseconds looks_every() const = 0;
};

}  // namespace sallyport::agent
