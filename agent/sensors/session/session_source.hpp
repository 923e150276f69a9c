// SPDX-License-Identifier: Apache-2.0
//
// What the session sensor needs to know of the log-in manager, in its own words. The one implementation talks
// to systemd-logind (logind_sessions.hpp); decisions are taken in session_sensor.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/result.hpp"

namespace sallyport::agent {

// What a session is there for. Greeters, lock screens and the users' service managers are nobody's log-on.
enum class SessionPurpose { person, background, housekeeping };

struct LoginSession {
    std::string id;
    std::string account;
    SessionPurpose purpose = SessionPurpose::person;
    bool remote = false;
    bool smartcard = false;  // the PAM service that let the person in says so
    bool locked = false;
    // How long nobody has touched this session; empty: in use, or the session cannot tell.
    std::optional<std::chrono::milliseconds> idle_for;
    // When it was made; empty where the manager does not say.
    std::optional<WallTime> created_at;

    bool operator==(const LoginSession&) const = default;
};

// What the manager says of itself.
struct SessionManager {
    bool offers_idle = false;
    // After how long without input it locks sessions; empty: it does not lock, a desktop may.
    std::optional<std::chrono::seconds> locks_after;
};

struct SessionChange {
    enum class Kind {
        appeared,  // a session began
        gone,      // a session ended
        locked,    // the screen lock says that it holds
        unlocked,
        idle,            // input has stopped; idle_for is set
        active,          // input is back
        lock_requested,  // somebody asked for a lock: a wish, not yet a state
        sleeping,        // the terminal goes to sleep once release_delay() is called
        resumed,
        shutting_down,  // as sleeping, but for good
        restarted,      // the manager came back: whatever was known has to be compared again
    };
    Kind kind = Kind::restarted;
    std::string session;
    std::chrono::milliseconds idle_for{};
};

// Used by one thread. Every call can fail with Errc::unavailable when the bus or the manager is away.
class SessionSource {
public:
    virtual ~SessionSource() = default;
    // Begins to listen. Changes from now on are queued, so that what is read afterwards has no hole before
    // it.
    [[nodiscard]] virtual Result<SessionManager> connect() = 0;
    [[nodiscard]] virtual Result<std::vector<LoginSession>> sessions() = 0;
    // Nothing when the session is already over.
    [[nodiscard]] virtual Result<std::optional<LoginSession>> session(const std::string& id) = 0;
    // The next change; nothing after `pause` or when asked to stop. Sleeps in the kernel meanwhile.
    [[nodiscard]] virtual Result<std::optional<SessionChange>> wait(std::stop_token stop,
                                                                    std::chrono::milliseconds pause) = 0;
    // Lets a sleep or shutdown go on: what had to be recorded before it is durable.
    virtual void release_delay() = 0;
};

}  // namespace sallyport::agent
