// SPDX-License-Identifier: Apache-2.0
//
// One console's live stream (server-sent events): `hello`, `alert`, `incident`, `counts`, `terminal`,
// `resync`.
//
// It keeps no queue. Each step reads from the database what is newer than the last revision sent, so that a
// slow client costs no memory and a reconnecting one (Last-Event-ID) misses nothing; one that is too far
// behind is told to fetch its lists anew (`resync`). The `id` of a message is the revision it brings the
// client up to.
#pragma once

#include <string>

#include "collector/api/context.hpp"

namespace sallyport::api {

class EventStream {
public:
    // From the request's Last-Event-ID, or from now on. Errc::bad_input when that is no revision.
    [[nodiscard]] static Result<EventStream> open(const Request& request, Context& context);

    struct Step {
        std::string text;    // to send; empty: nothing new
        bool ended = false;  // the session is over
    };
    // Call after a wake and at each heartbeat; `context.session` is looked up anew by the caller.
    [[nodiscard]] Result<Step> next(Context& context);

private:
    explicit EventStream(std::int64_t revision) : revision_(revision) {}
    [[nodiscard]] Result<void> add_changes(Context& context, std::string& out);
    [[nodiscard]] Result<void> add_counts(Context& context, std::string& out);
    void add_terminals(Context& context, std::string& out);

    std::int64_t revision_ = 0;
    std::uint64_t board_version_ = 0;
    std::string counts_;
    bool greeted_ = false;
    bool resync_ = false;
};

}  // namespace sallyport::api
