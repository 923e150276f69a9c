// SPDX-License-Identifier: Apache-2.0
#include "collector/api/terminal_board.hpp"

#include "collector/store/alert_tally.hpp"
#include "collector/store/drill_repository.hpp"
#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

// In the order in which a person checks a terminal.
constexpr std::string_view kSensors[] = {"identity", "usb",    "print",       "session",
                                         "idle",     "camera", "clets_client"};

Record unknown_sensor(std::string_view name) {
    return {{"name", name}, {"state", "unknown"}, {"reason", ""}};
}

// The sensors of the last verified status message: those of every terminal in our order, `unknown` where it does not name them, and
// then what else it has.
List sensors_of(const Record& status) {
    std::map<std::string, Record> reported;
    if (const Value* list = status.find("sensors"); list != nullptr && list->as<List>() != nullptr)
        for (const Value& item : *list->as<List>())
            if (const auto* sensor = item.as<Record>())
                reported[std::string(text_of(*sensor, "name"))] = {
                    {"name", text_of(*sensor, "name")},
                    {"state", text_of(*sensor, "state", "unknown")},
                    {"reason", text_of(*sensor, "reason")}};
    List sensors;
    for (std::string_view name : kSensors) {
        auto found = reported.find(std::string(name));
        sensors.emplace_back(found == reported.end() ? unknown_sensor(name) : found->second);
        if (found != reported.end()) reported.erase(found);
    }
    for (auto& [name, sensor] : reported)
        sensors.emplace_back(std::move(sensor));
    return sensors;
}

std::string_view state_of(const List& sensors, std::string_view name) {
    for (const Value& item : sensors)
        if (const auto* sensor = item.as<Record>(); sensor != nullptr && text_of(*sensor, "name") == name)
            return text_of(*sensor, "state");
    return "unknown";
}

std::string surveyed_on(const Record& terminal) {
    if (const Value* placement = terminal.find("placement"))
        if (const auto* fields = placement->as<Record>()) return std::string(text_of(*fields, "surveyed_on"));
    return std::string(text_of(terminal, "surveyed_on"));
}

// Decisions, point 9: a terminal without a camera is not degraded, its screen is protected by a survey of the
// desk.
std::string screen_privacy(const Record& terminal, const List& sensors) {
    const auto camera = state_of(sensors, "camera");
    if (camera == "ok") return "camera watching";
    if (camera == "degraded") return "camera degraded";
    const auto date = surveyed_on(terminal);
    return date.empty() ? "no survey on record" : "survey of " + date;
}

}  // namespace

Result<void> TerminalBoard::load_registers(Database& reader, WallTime now) {
    auto generation = store::register_generation(reader);
    if (!generation) return generation.error();
    if (*generation == register_generation_) return {};
    auto terminals = store::list_entries(reader, "terminals", now, now);
    if (!terminals) return terminals.error();
    auto rooms = store::list_entries(reader, "rooms", now, now);
    if (!rooms) return rooms.error();
    auto sites = store::list_entries(reader, "sites", now, now);
    if (!sites) return sites.error();
    registered_.clear();
    room_labels_.clear();
    site_names_.clear();
    for (auto& entry : *terminals)
        registered_[entry.id] = {std::string(text_of(entry.data, "site_id")),
                                 std::string(text_of(entry.data, "room_id")), std::move(entry.data)};
    for (const auto& entry : *rooms)
        room_labels_[entry.id] = text_of(entry.data, "room_label", entry.id);
    for (const auto& entry : *sites)
        site_names_[entry.id] = text_of(entry.data, "site_name", entry.id);
    register_generation_ = *generation;
    return {};
}

Result<std::uint64_t> TerminalBoard::refresh(Database& reader, WallTime now) {
    std::lock_guard lock(mutex_);
    if (auto loaded = load_registers(reader, now); !loaded) return loaded.error().within("terminal board");
    auto liveness = store::all_liveness(reader);
    if (!liveness) return liveness.error().within("terminal board");
    auto tallies = store::open_alerts_by_terminal(reader);
    if (!tallies) return tallies.error().within("terminal board");
    auto drills = store::last_drills(reader, now);
    if (!drills) return drills.error().within("terminal board");

    std::map<std::string, Record> views;
    const auto view_of = [&](const std::string& id) -> Record& {
        auto [at, added] = views.try_emplace(id);
        if (!added) return at->second;
        auto registered = registered_.find(id);
        const bool known = registered != registered_.end();
        const Record& data = known ? registered->second.data : Record();
        const std::string site = known ? registered->second.site_id : "";
        const std::string room = known ? registered->second.room_id : "";
        at->second = {{"terminal_id", id},
                      {"registered", known},
                      {"status", text_of(data, "status", "not registered")},
                      {"mnemonic", text_of(data, "clets_mnemonic")},
                      {"desk", text_of(data, "desk")},
                      {"site_id", site},
                      {"site_name", label(site_names_, site)},
                      {"room_id", room},
                      {"room_label", label(room_labels_, room)},
                      {"liveness", "never_seen"},
                      {"last_seen_at", nullptr},
                      {"agent_version", ""},
                      {"queue_depth", 0},
                      {"sensors", sensors_of({})},
                      {"screen_privacy", screen_privacy(data, {})},
                      {"drill", nullptr},
                      {"open_alerts", Record()}};
        return at->second;
    };
    for (const auto& [id, registered] : registered_)
        view_of(id);
    for (const auto& seen : *liveness) {
        Record& view = view_of(seen.terminal_id);
        view.set("liveness", seen.state);
        view.set("liveness_since", format_time(seen.changed_at));
        view.set("last_seen_at", seen.last_seen_at ? Value(format_time(*seen.last_seen_at)) : Value());
        auto status = seen.status ? read_json_record(*seen.status) : Result<Record>(Record());
        if (!status) continue;
        auto sensors = sensors_of(*status);
        auto registered = registered_.find(seen.terminal_id);
        view.set(
            "screen_privacy",
            screen_privacy(registered == registered_.end() ? Record() : registered->second.data, sensors));
        view.set("agent_version", text_of(*status, "agent_version"));
        view.set("queue_depth", integer_of(*status, "queue_depth"));
        view.set("sensors", std::move(sensors));
    }
    for (const auto& tally : *tallies) {
        Record& view = view_of(tally.terminal_id);
        Record open = *view.find("open_alerts")->as<Record>();
        open.set(tally.severity, tally.count);
        view.set("open_alerts", std::move(open));
    }
    for (const auto& drill : *drills)
        view_of(drill.terminal_id).set("drill", store::to_record(drill));
    replace(std::move(views));
    return version_;
}

void TerminalBoard::replace(std::map<std::string, Record> views) {
    const auto next = version_ + 1;
    bool changed = false;
    // A new sign of life alone is no news: it would send every terminal to every console once a minute.
    const auto without_time = [](const Record& view) {
        Record copy = view;
        copy.set("last_seen_at", nullptr);
        return copy;
    };
    std::map<std::string, Seen> now;
    for (auto& [id, view] : views) {
        auto before = terminals_.find(id);
        const bool same =
            before != terminals_.end() && without_time(before->second.view) == without_time(view);
        changed = changed || !same;
        now[id] = {std::move(view), same ? before->second.changed : next};
    }
    terminals_ = std::move(now);
    if (changed) version_ = next;
}

List TerminalBoard::terminals() const {
    return changed_since(0);
}

List TerminalBoard::changed_since(std::uint64_t version) const {
    std::lock_guard lock(mutex_);
    List list;
    for (const auto& [id, seen] : terminals_)
        if (seen.changed > version) list.emplace_back(seen.view);
    return list;
}

std::optional<Record> TerminalBoard::terminal(std::string_view terminal_id) const {
    std::lock_guard lock(mutex_);
    auto found = terminals_.find(std::string(terminal_id));
    return found == terminals_.end() ? std::nullopt : std::optional(found->second.view);
}

List TerminalBoard::sites() const {
    std::lock_guard lock(mutex_);
    List list;
    for (const auto& [id, name] : site_names_)
        list.emplace_back(Record{{"site_id", id}, {"site_name", name}});
    return list;
}

std::uint64_t TerminalBoard::version() const {
    std::lock_guard lock(mutex_);
    return version_;
}

std::string TerminalBoard::label(const std::map<std::string, std::string>& labels,
                                 const std::string& id) const {
    auto found = labels.find(id);
    return found == labels.end() ? id : found->second;
}

Place TerminalBoard::place_of(const std::string& terminal_id, const std::string& room_id,
                              const std::string& site_id) const {
    std::lock_guard lock(mutex_);
    auto registered = registered_.find(terminal_id);
    const bool known = registered != registered_.end();
    return {label(room_labels_, room_id.empty() && known ? registered->second.room_id : room_id),
            label(site_names_, site_id.empty() && known ? registered->second.site_id : site_id)};
}

}  // namespace sallyport::api
