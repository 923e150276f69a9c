// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/terminal_state.hpp"

#include <algorithm>

#include "collector/store/row_values.hpp"

namespace sallyport::alerts {
namespace {

constexpr std::string_view kPresenceFields[] = {"faces", "onlookers", "operator_present", "confidence", "zone"};
constexpr std::string_view kBlindStates[] = {"covered", "blinded", "off", "disconnected"};
constexpr std::size_t kBootsKept = 8;
constexpr std::size_t kDevicesKept = 64;
constexpr std::size_t kDisplaysKept = 8;

std::int64_t seconds_between(WallTime from, WallTime to) {
    return std::chrono::floor<std::chrono::seconds>(to - from).count();
}

void set_time(Record& record, std::string_view name, const std::optional<WallTime>& time) {
    if (time) record.set(name, store::milliseconds(*time));
}

std::optional<WallTime> time_in(const Record& record, std::string_view name) {
    if (!record.contains(name)) return std::nullopt;
    return store::wall_time(integer_of(record, name));
}

}  // namespace

void TerminalState::apply(const Event& event) {
    const WallTime now = event_time(event);
    since_attach_s_.reset();
    since_detach_s_.reset();
    binary_changed_.reset();
    apply_boot_id(event);
    if (event.type == "device.boot" || event.type == "device.shutdown") {
        running_ = {};
        if (event.type == "device.boot") controls_.secure_boot = text_of(event.body, "secure_boot");
    } else if (event.type.starts_with("session.")) {
        apply_session(event);
    } else if (event.type.starts_with("camera.")) {
        apply_camera(event);
    } else if (event.type == "clets.client") {
        const auto state = text_of(event.body, "state");
        running_.clets_running = state != "stopped";
        running_.clets_foreground = state == "foreground";
        // Not every desktop tells what is in front: that it started says nothing of that.
        if (state == "started") running_.clets_foreground.reset();
    } else if (event.type == "agent.sensor") {
        apply_sensor(event);
    } else if (event.type == "policy.setting") {
        controls_.settings.set(text_of(event.body, "name"), event.body);
    } else if (event.type == "display.change") {
        apply_display(event);
    } else if (event.type == "device.firmware") {
        firmware_at_ = now;
    } else if (event.type == "usb.attach") {
        apply_attach(event);
    } else if (event.type == "agent.start") {
        apply_start(event);
    }
    look_at_view(now);
}

// Two machines under one name tell of two boots in turn (rule IDN-07). Said at each turn, not of all that the one
// which spoke last says for the rest of its day.
void TerminalState::apply_boot_id(const Event& event) {
    boot_returned_ = std::erase(earlier_boots_, event.boot_id) > 0;
    if (event.boot_id == boot_id_) return;
    if (!boot_id_.empty()) earlier_boots_.push_back(boot_id_);
    if (earlier_boots_.size() > kBootsKept) earlier_boots_.erase(earlier_boots_.begin());
    boot_id_ = event.boot_id;
}

void TerminalState::apply_session(const Event& event) {
    const std::string session = event.session_id.value_or("");
    if (event.type == "session.idle") {
        running_.idle_s = integer_of(event.body, "idle_s");
        return;
    }
    // A failed attempt and a service's session put nobody before the screen.
    if (event.outcome == EventOutcome::failure || text_of(event.body, "kind") == "service") return;
    if (event.type == "session.logoff") {
        running_.sessions.erase(session);
        if (running_.sessions.empty()) running_.account.clear();
        return;
    }
    const bool locked = event.type == "session.lock";
    running_.sessions.insert_or_assign(session, locked);
    if (locked) return;
    running_.idle_s = 0;
    running_.account = event.operator_account.value_or("");
}

void TerminalState::apply_camera(const Event& event) {
    if (event.type == "camera.state") {
        running_.camera_state = text_of(event.body, "state");
        if (running_.camera_state != "on") running_.presence = {};
    } else if (event.type == "camera.presence") {
        running_.presence = {};
        for (const std::string_view field : kPresenceFields) {
            if (const Value* value = event.body.find(field)) running_.presence.set(field, *value);
        }
    }
}

// A sensor that is gone tells nothing any more: what it told last is not to be taken for the present.
void TerminalState::apply_sensor(const Event& event) {
    const auto sensor = text_of(event.body, "sensor"), state = text_of(event.body, "state");
    controls_.sensors.set(sensor, state);
    if (state != "off" && state != "absent") return;
    if (sensor == "session") {
        running_.sessions.clear();
        running_.account.clear();
        running_.idle_s.reset();
    } else if (sensor == "camera") {
        running_.camera_state.clear();
        running_.presence = {};
    } else if (sensor.starts_with("clets")) {
        running_.clets_running.reset();
        running_.clets_foreground.reset();
    }
}

void TerminalState::apply_attach(const Event& event) {
    const WallTime now = event_time(event);
    const std::string device(text_of(event.body, "serial_hash"));
    if (const auto before = attached_.find(device); before != attached_.end())
        since_attach_s_ = seconds_between(before->second, now);
    attached_[device] = now;
    if (attached_.size() > kDevicesKept)
        attached_.erase(std::min_element(attached_.begin(), attached_.end(), [](const auto& a, const auto& b) {
            return a.second < b.second;
        }));
}

// A monitor that sleeps is detached, and attached when it wakes: by its kind it is taken for the same (rule PRN-10).
void TerminalState::apply_display(const Event& event) {
    const WallTime now = event_time(event);
    const std::string kind(text_of(event.body, "external_kind"));
    if (text_of(event.body, "action") == "detached") {
        running_.displays_gone[kind] = now;
    } else if (const auto gone = running_.displays_gone.find(kind); gone != running_.displays_gone.end()) {
        since_detach_s_ = seconds_between(gone->second, now);
    }
    if (running_.displays_gone.size() > kDisplaysKept) running_.displays_gone.erase(running_.displays_gone.begin());
}

void TerminalState::apply_start(const Event& event) {
    const auto version = text_of(event.body, "version"), digest = text_of(event.body, "sha256");
    if (!agent_version_.empty()) binary_changed_ = agent_version_ == version && agent_sha256_ != digest;
    agent_version_ = version;
    agent_sha256_ = digest;
}

// Unlocked, and the camera sees nothing.
void TerminalState::look_at_view(WallTime now) {
    const bool blind = session_state() == "unlocked" &&
                       std::find(std::begin(kBlindStates), std::end(kBlindStates), running_.camera_state) !=
                           std::end(kBlindStates);
    if (blind && !running_.blind_since) {
        running_.blind_since = now;
    } else if (!blind && running_.blind_since) {
        running_.blind_from = running_.blind_since;
        running_.blind_to = now;
        running_.blind_since.reset();
    }
}

std::string_view TerminalState::session_state() const {
    if (running_.sessions.empty()) return "none";
    const bool unlocked = std::any_of(running_.sessions.begin(), running_.sessions.end(),
                                      [](const auto& one) { return !one.second; });
    return unlocked ? "unlocked" : "locked";
}

void TerminalState::add_to(Record& fields, WallTime now) const {
    fields.set("session.state", session_state());
    if (!running_.account.empty()) fields.set("session.account", running_.account);
    if (running_.idle_s) fields.set("session.idle_s", *running_.idle_s);
    if (running_.clets_running) fields.set("clets.running", *running_.clets_running);
    if (running_.clets_foreground) fields.set("clets.foreground", *running_.clets_foreground);
    if (!running_.camera_state.empty()) fields.set("camera.state", running_.camera_state);
    for (const auto& [name, value] : running_.presence)
        fields.set("camera." + name, value);
    if (running_.blind_since) {
        fields.set("camera.blind_s", seconds_between(*running_.blind_since, now));
        fields.set("camera.blind_ago_s", 0);
    } else if (running_.blind_from) {
        fields.set("camera.blind_s", seconds_between(*running_.blind_from, *running_.blind_to));
        fields.set("camera.blind_ago_s", seconds_between(*running_.blind_to, now));
    }
    if (!controls_.secure_boot.empty()) fields.set("boot.secure_boot", controls_.secure_boot);
    if (auto weakened = weakened_controls(controls_, fields)) {
        fields.set("controls.weakened_count", static_cast<std::int64_t>(weakened->size()));
        if (!weakened->empty()) fields.set("controls.weakened", std::move(*weakened));
    }
    if (boot_returned_) fields.set("boot.returned", true);
    if (firmware_at_) fields.set("firmware.age_s", seconds_between(*firmware_at_, now));
    if (since_attach_s_) fields.set("usb.last_attach_s", *since_attach_s_);
    if (since_detach_s_) fields.set("display.detached_s", *since_detach_s_);
    if (binary_changed_) fields.set("agent.binary_changed", *binary_changed_);
}

Record TerminalState::snapshot() const {
    Record sessions, attached, displays;
    for (const auto& [session, locked] : running_.sessions)
        sessions.append(session, locked);
    for (const auto& [device, at] : attached_)
        attached.append(device, store::milliseconds(at));
    for (const auto& [kind, at] : running_.displays_gone)
        displays.append(kind, store::milliseconds(at));
    Record record{{"sessions", std::move(sessions)},
                  {"account", running_.account},
                  {"camera", running_.camera_state},
                  {"presence", running_.presence},
                  {"boot", boot_id_},
                  {"boots", List(earlier_boots_.begin(), earlier_boots_.end())},
                  {"secure_boot", controls_.secure_boot},
                  {"settings", controls_.settings},
                  {"sensors", controls_.sensors},
                  {"attached", std::move(attached)},
                  {"displays", std::move(displays)},
                  {"agent_version", agent_version_},
                  {"agent_sha256", agent_sha256_}};
    if (running_.idle_s) record.set("idle_s", *running_.idle_s);
    if (running_.clets_running) record.set("clets", *running_.clets_running);
    if (running_.clets_foreground) record.set("clets_foreground", *running_.clets_foreground);
    set_time(record, "blind_since", running_.blind_since);
    set_time(record, "blind_from", running_.blind_from);
    set_time(record, "blind_to", running_.blind_to);
    set_time(record, "firmware_at", firmware_at_);
    return record;
}

TerminalState TerminalState::restore(const Record& record) {
    TerminalState state;
    const auto part = [&](std::string_view name) {
        const Value* value = record.find(name);
        const auto* found = value == nullptr ? nullptr : value->as<Record>();
        return found == nullptr ? Record() : *found;
    };
    for (const auto& [session, locked] : part("sessions"))
        state.running_.sessions.insert_or_assign(session, locked == Value(true));
    for (const auto& [device, at] : part("attached"))
        if (const auto* count = at.as<std::int64_t>())
            state.attached_[device] = store::wall_time(*count);
    for (const auto& [kind, at] : part("displays"))
        if (const auto* count = at.as<std::int64_t>())
            state.running_.displays_gone[kind] = store::wall_time(*count);
    if (const Value* boots = record.find("boots"); boots != nullptr && boots->as<List>())
        for (const Value& boot : *boots->as<List>())
            if (const auto* id = boot.as<std::string>()) state.earlier_boots_.push_back(*id);
    state.running_.account = text_of(record, "account");
    state.running_.camera_state = text_of(record, "camera");
    state.running_.presence = part("presence");
    state.controls_ = {std::string(text_of(record, "secure_boot")), part("settings"), part("sensors")};
    state.boot_id_ = text_of(record, "boot");
    state.agent_version_ = text_of(record, "agent_version");
    state.agent_sha256_ = text_of(record, "agent_sha256");
    if (record.contains("idle_s")) state.running_.idle_s = integer_of(record, "idle_s");
    if (record.contains("clets")) state.running_.clets_running = flag_of(record, "clets");
    if (record.contains("clets_foreground")) state.running_.clets_foreground = flag_of(record, "clets_foreground");
    state.running_.blind_since = time_in(record, "blind_since");
    state.running_.blind_from = time_in(record, "blind_from");
    state.running_.blind_to = time_in(record, "blind_to");
    state.firmware_at_ = time_in(record, "firmware_at");
    return state;
}

}  // namespace sallyport::alerts
