// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/session/logind_sessions.hpp"

#include <poll.h>
#include <sdbus-c++/sdbus-c++.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <map>

#include "agent/sensors/session/session_source.hpp"

namespace sallyport::agent {
namespace {

using Properties = std::map<std::string, sdbus::Variant>;
using ListedSession = sdbus::Struct<std::string, std::uint32_t, std::string, std::string, sdbus::ObjectPath>;
using Kind = SessionChange::Kind;

constexpr const char* kService = "org.freedesktop.login1";
constexpr const char* kManagerPath = "/org/freedesktop/login1";
constexpr const char* kManager = "org.freedesktop.login1.Manager";
constexpr const char* kSession = "org.freedesktop.login1.Session";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr auto kCallTimeout = std::chrono::seconds(5);

// The named property, or the fallback when it is missing or of another type.
template <class T>
T read(const Properties& properties, const char* name, T fallback = {}) {
    const auto at = properties.find(name);
    return at != properties.end() && at->second.containsValueOfType<T>() ? at->second.get<T>() : fallback;
}

std::chrono::milliseconds since_monotonic(std::uint64_t microseconds) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);  // the clock of IdleSinceHintMonotonic
    const auto current =
        static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
    return std::chrono::milliseconds(current > microseconds ? (current - microseconds) / 1'000 : 0);
}

SessionPurpose purpose_of(const Properties& properties) {
    const auto kind = read<std::string>(properties, "Class");
    if (kind == "background" || kind == "background-light") return SessionPurpose::background;
    if (kind == "user" || kind == "user-early" || kind == "user-light" || kind == "user-early-light")
        return SessionPurpose::person;
    return SessionPurpose::housekeeping;
}

std::optional<std::chrono::milliseconds> idle_of(const Properties& properties) {
    const auto since = read<std::uint64_t>(properties, "IdleSinceHintMonotonic");
    // logind reads a console's idle time off its terminal and keeps the hint false for IdleActionSec; a
    // desktop's instant counts only while its hint is up, as lowering the hint moves it as well.
    const bool console = read<std::string>(properties, "Type") == "tty";
    if (since == 0 || !(console || read<bool>(properties, "IdleHint"))) return std::nullopt;
    return since_monotonic(since);
}

LoginSession describe(const std::string& id, const Properties& properties) {
    LoginSession session;
    session.id = id;
    session.account = read<std::string>(properties, "Name");
    session.purpose = purpose_of(properties);
    session.remote = read<bool>(properties, "Remote");
    session.smartcard = read<std::string>(properties, "Service").find("smartcard") != std::string::npos;
    session.locked = read<bool>(properties, "LockedHint");
    session.idle_for = idle_of(properties);
    // Zero, or anything before 2000, is a clock that was not set.
    constexpr std::uint64_t kSensible = 946'684'800'000'000;
    if (const auto made = read<std::uint64_t>(properties, "Timestamp"); made >= kSensible)
        session.created_at = WallTime(std::chrono::milliseconds(made / 1'000));
    return session;
}

class LogindSessions final : public SessionSource {
public:
    LogindSessions() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~LogindSessions() override {
        if (wake_ >= 0) close(wake_);
    }
    LogindSessions(const LogindSessions&) = delete;
    LogindSessions& operator=(const LogindSessions&) = delete;

    [[nodiscard]] Result<SessionManager> connect() override;
    [[nodiscard]] Result<std::vector<LoginSession>> sessions() override;
    [[nodiscard]] Result<std::optional<LoginSession>> session(const std::string& id) override;
    [[nodiscard]] Result<std::optional<SessionChange>> wait(std::stop_token stop,
                                                            std::chrono::milliseconds pause) override;
    void release_delay() override { inhibitor_ = sdbus::UnixFd(); }

private:
    void disconnect();
    void subscribe();
    void subscribe_sessions();
    void hold_delay();
    [[nodiscard]] Properties properties_of(const std::string& path, const char* interface);
    [[nodiscard]] std::optional<LoginSession> describe_at(const std::string& id, const std::string& path);
    void properties_changed(sdbus::Message& message);
    void push(Kind kind, std::string session = {}, std::chrono::milliseconds idle_for = {});
    [[nodiscard]] std::string id_at(const std::string& path) const;
    void sleep_until_readable(std::chrono::milliseconds pause) const;

    int wake_;
    std::unique_ptr<sdbus::IConnection> bus_;
    std::unique_ptr<sdbus::IProxy> manager_;
    std::vector<sdbus::Slot> matches_;
    sdbus::UnixFd inhibitor_;
    std::map<std::string, std::string> ids_;  // object path -> session id
    std::deque<SessionChange> changes_;
};

Error bus_error(const sdbus::Error& error) {
    return Error(Errc::unavailable, "logind: " + error.getName() + ": " + error.getMessage());
}

Result<SessionManager> LogindSessions::connect() {
    try {
        if (!bus_) {
            bus_ = sdbus::createSystemBusConnection();
            bus_->setMethodCallTimeout(kCallTimeout);
            subscribe();
        }
        const Properties properties = properties_of(kManagerPath, kManager);
        hold_delay();
        SessionManager manager;
        manager.offers_idle = properties.contains("IdleHint");
        if (read<std::string>(properties, "IdleAction") == "lock")
            manager.locks_after =
                std::chrono::seconds(read<std::uint64_t>(properties, "IdleActionUSec") / 1'000'000);
        return manager;
    } catch (const sdbus::Error& error) {
        disconnect();
        return bus_error(error);
    }
}

void LogindSessions::disconnect() {
    matches_.clear();
    manager_.reset();
    inhibitor_ = sdbus::UnixFd();
    bus_.reset();
    changes_.clear();
}

void LogindSessions::subscribe() {
    manager_ = sdbus::createProxy(*bus_, kService, kManagerPath);
    manager_->uponSignal("SessionNew")
        .onInterface(kManager)
        .call([this](const std::string& id, const sdbus::ObjectPath& path) {
            ids_[path] = id;
            push(Kind::appeared, id);
        });
    manager_->uponSignal("SessionRemoved")
        .onInterface(kManager)
        .call([this](const std::string& id, const sdbus::ObjectPath& path) {
            ids_.erase(path);
            push(Kind::gone, id);
        });
    manager_->uponSignal("PrepareForSleep").onInterface(kManager).call([this](bool begins) {
        if (!begins) hold_delay();
        push(begins ? Kind::sleeping : Kind::resumed);
    });
    manager_->uponSignal("PrepareForShutdown").onInterface(kManager).call([this](bool begins) {
        if (begins)
            push(Kind::shutting_down);
        else
            hold_delay();
    });
    manager_->finishRegistration();
    subscribe_sessions();
}

void LogindSessions::subscribe_sessions() {
    const std::string from =
        "type='signal',sender='org.freedesktop.login1',"
        "path_namespace='/org/freedesktop/login1/session',";
    matches_.push_back(
        bus_->addMatch(from + "interface='" + kSession + "',member='Lock'",
                       [this](sdbus::Message& at) { push(Kind::lock_requested, id_at(at.getPath())); }));
    matches_.push_back(bus_->addMatch(from + "interface='" + kProperties + "',member='PropertiesChanged'",
                                      [this](sdbus::Message& message) { properties_changed(message); }));
    matches_.push_back(
        bus_->addMatch("type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='"
                       "NameOwnerChanged',"
                       "arg0='org.freedesktop.login1'",
                       [this](sdbus::Message&) { push(Kind::restarted); }));
}

// Without it the kernel may be asleep before the event is on disk. Refused by policy: the event may then come
// late.
void LogindSessions::hold_delay() {
    try {
        manager_->callMethod("Inhibit")
            .onInterface(kManager)
            .withArguments(std::string("sleep:shutdown"), std::string("sallyport-agent"),
                           std::string("Record it before it happens"), std::string("delay"))
            .storeResultsTo(inhibitor_);
    } catch (const sdbus::Error&) {
        inhibitor_ = sdbus::UnixFd();
    }
}

Properties LogindSessions::properties_of(const std::string& path, const char* interface) {
    auto proxy = sdbus::createProxy(*bus_, kService, path);
    Properties properties;
    proxy->callMethod("GetAll")
        .onInterface(kProperties)
        .withArguments(std::string(interface))
        .storeResultsTo(properties);
    return properties;
}

// Nothing when the object is gone; throws when the bus or logind is.
std::optional<LoginSession> LogindSessions::describe_at(const std::string& id, const std::string& path) {
    try {
        return describe(id, properties_of(path, kSession));
    } catch (const sdbus::Error& error) {
        const std::string& name = error.getName();
        if (name == "org.freedesktop.DBus.Error.UnknownObject" ||
            name == "org.freedesktop.DBus.Error.UnknownMethod" ||
            name == "org.freedesktop.DBus.Error.UnknownInterface" ||
            name == "org.freedesktop.login1.NoSuchSession")
            return std::nullopt;
        throw;
    }
}

Result<std::vector<LoginSession>> LogindSessions::sessions() {
    try {
        std::vector<ListedSession> listed;
        manager_->callMethod("ListSessions").onInterface(kManager).storeResultsTo(listed);
        std::vector<LoginSession> sessions;
        for (const auto& entry : listed) {
            ids_[entry.get<4>()] = entry.get<0>();
            if (auto session = describe_at(entry.get<0>(), entry.get<4>()))
                sessions.push_back(std::move(*session));
        }
        return sessions;
    } catch (const sdbus::Error& error) {
        disconnect();
        return bus_error(error);
    }
}

Result<std::optional<LoginSession>> LogindSessions::session(const std::string& id) {
    try {
        for (const auto& [path, known] : ids_)
            if (known == id) return describe_at(id, path);
        return std::optional<LoginSession>();
    } catch (const sdbus::Error& error) {
        disconnect();
        return bus_error(error);
    }
}

Result<std::optional<SessionChange>> LogindSessions::wait(std::stop_token stop,
                                                          std::chrono::milliseconds pause) {
    using std::chrono::steady_clock;
    eventfd_t stale = 0;
    eventfd_read(wake_, &stale);  // of an earlier run that was asked to stop
    const std::stop_callback wake(stop, [this] { eventfd_write(wake_, 1); });
    const auto deadline = steady_clock::now() + pause;
    try {
        while (!stop.stop_requested()) {
            // sd-bus may hold messages that it read while a call waited for its answer: no descriptor tells
            // of them.
            while (changes_.empty() && bus_->processPendingRequest()) {
            }
            if (!changes_.empty()) {
                SessionChange next = std::move(changes_.front());
                changes_.pop_front();
                return std::optional(std::move(next));
            }
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
            if (left.count() <= 0) break;
            sleep_until_readable(left);
        }
        return std::optional<SessionChange>();
    } catch (const sdbus::Error& error) {
        disconnect();
        return bus_error(error);
    }
}

void LogindSessions::sleep_until_readable(std::chrono::milliseconds pause) const {
    const auto data = bus_->getEventLoopPollData();
    pollfd watched[] = {{data.fd, data.events, 0}, {wake_, POLLIN, 0}};
    const int bus_pause = data.getPollTimeout();
    const auto own_pause = static_cast<int>(std::min<std::int64_t>(pause.count(), 3'600'000));
    poll(watched, 2, bus_pause < 0 ? own_pause : std::min(bus_pause, own_pause));
}

void LogindSessions::properties_changed(sdbus::Message& message) {
    const std::string id = id_at(message.getPath());
    std::string interface;
    Properties changed;
    std::vector<std::string> invalidated;
    message >> interface >> changed >> invalidated;
    if (interface != kSession || id.empty()) return;
    if (changed.contains("LockedHint"))
        push(read<bool>(changed, "LockedHint") ? Kind::locked : Kind::unlocked, id);
    if (!changed.contains("IdleHint")) return;
    if (!read<bool>(changed, "IdleHint")) return push(Kind::active, id);
    const auto since = read<std::uint64_t>(changed, "IdleSinceHintMonotonic");
    push(Kind::idle, id, since == 0 ? std::chrono::milliseconds(0) : since_monotonic(since));
}

void LogindSessions::push(Kind kind, std::string session, std::chrono::milliseconds idle_for) {
    changes_.push_back({kind, std::move(session), idle_for});
}

std::string LogindSessions::id_at(const std::string& path) const {
    const auto at = ids_.find(path);
    return at == ids_.end() ? std::string() : at->second;
}

}  // namespace

std::unique_ptr<SessionSource> make_logind_sessions() {
    return std::make_unique<LogindSessions>();
}

}  // namespace sallyport::agent
