// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/enrichment.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "collector/registers/authorisation.hpp"
#include "collector/registers/calendar.hpp"
#include "collector/registers/hardware_comparison.hpp"
#include "collector/registers/register_snapshot.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::registers {
namespace {

bool contains(const Record& data, std::string_view field, std::string_view text) {
    const Value* value = data.find(field);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list != nullptr && std::any_of(list->begin(), list->end(), [&](const Value& item) {
               const auto* entry = item.as<std::string>();
               return entry != nullptr && *entry == text;
           });
}

List to_list(const std::vector<std::string>& texts) {
    List list;
    for (const std::string& text : texts)
        list.emplace_back(text);
    return list;
}

// From `from` on, up to but not including `to`.
bool covers(const Record& window, WallTime time) {
    const auto from = parse_time(text_of(window, "from"));
    const auto to = parse_time(text_of(window, "to"));
    return from && to && *from <= time && time < *to;
}

// The fields of one event, gathered step by step.
class EventFields {
public:
    EventFields(const RegisterSnapshot& registers, const Event& event, std::string_view terminal_id, Moment moment)
        : registers_(registers), event_(event), terminal_id_(terminal_id), moment_(moment) {}

    Record gather() {
        terminal_ = registers_.find("terminals", terminal_id_, moment_);
        if (terminal_ != nullptr)
            room_ = registers_.find("rooms", text_of(*terminal_, "room_id"), moment_);
        add_terminal();
        add_place();
        add_operator();
        add_windows();
        if (event_.type.starts_with("usb."))
            add_media();
        if (event_.type == "print.job" || event_.type == "printer.change")
            add_printer();
        return std::move(fields_);
    }

private:
    void add_text(std::string_view name, const Record& from, std::string_view field) {
        if (const auto text = text_of(from, field); !text.empty())
            fields_.set(name, text);
    }

    void add_terminal() {
        fields_.set("terminal.registered", terminal_ != nullptr);
        if (terminal_ == nullptr)
            return;
        const auto licensed_on = parse_date(text_of(*terminal_, "licensed_on"));
        const auto lock_minutes = integer_of(*terminal_, "screen_lock_minutes", 15);
        add_text("terminal.status", *terminal_, "status");
        fields_.set("terminal.licensed", text_of(*terminal_, "status") == "licensed" && licensed_on &&
                                             *licensed_on <= county_day(moment_.as_of));
        add_text("terminal.site", *terminal_, "site_id");
        add_text("terminal.room", *terminal_, "room_id");
        fields_.set("terminal.lock_minutes", lock_minutes);
        fields_.set("terminal.idle_limit_s", lock_minutes * 60 + 60);
        fields_.set("terminal.lock_exempt", text_of(*terminal_, "lock_exempt", "none") != "none");
        // A room in which cameras are forbidden since then is stronger than the terminal's own setting.
        fields_.set("terminal.camera_enabled", flag_of(*terminal_, "camera_enabled") &&
                                                   (room_ == nullptr || flag_of(*room_, "camera_permitted")));
        add_text("terminal.usb_policy", *terminal_, "usb_policy");
        fields_.set("terminal.heartbeat_s", integer_of(*terminal_, "heartbeat_s", 60));
        add_text("terminal.duty_profile", *terminal_, "duty_profile");
        if (event_.type == "device.identity")
            add_hardware();
    }

    void add_hardware() {
        const HardwareDifference difference = compare_hardware(*terminal_, event_.body);
        fields_.set("terminal.hardware_changes", static_cast<std::int64_t>(difference.changed.size()));
        fields_.set("terminal.hardware_changed", to_list(difference.changed));
        fields_.set("terminal.tpm_changed", difference.tpm_changed);
    }

    void add_place() {
        if (terminal_ != nullptr)
            add_text("site.id", *terminal_, "site_id");
        if (room_ == nullptr)
            return;
        add_text("room.zone", *room_, "zone");
        add_text("room.type", *room_, "room_type");
        const auto hours = Calendar::parse(text_of(*room_, "allowed_hours"));
        if (hours)
            fields_.set("hours.open", hours->open_at(moment_.as_of));
    }

    void add_operator() {
        if (!event_.operator_account)
            return;
        Authorisation authorisation = no_record();
        registers_.each_with("operators", "os_accounts", *event_.operator_account, moment_,
                             [&](const std::string& id, const Record& entry) {
                                 fields_.set("operator.ref", id);
                                 authorisation = authorisation_of(entry, county_day(moment_.as_of));
                             });
        fields_.set("operator.authorisation", to_string(authorisation));
        fields_.set("operator.reasons", to_list(authorisation.reasons));
    }

    void add_media() {
        std::string media_id;
        // Without a serial number every device of its kind has the same hash: none of them can be told to be ours.
        if (flag_of(event_.body, "serial_present", true))
            registers_.each_with("media", "serial_hash", text_of(event_.body, "serial_hash"), moment_,
                                 [&](const std::string& id, const Record& entry) {
                                     media_id = id;
                                     fields_.set("media.id", id);
                                     add_text("media.status", entry, "status");
                                 });
        if (terminal_ != nullptr && event_.body.contains("vid"))
            fields_.set("media.known_device", is_known_device(media_id));
    }

    [[nodiscard]] bool is_known_device(std::string_view media_id) const {
        const std::string kind =
            std::string(text_of(event_.body, "vid")) + ":" + std::string(text_of(event_.body, "pid"));
        const std::string device = kind + ":" + std::string(text_of(event_.body, "serial_hash"));
        for (const std::string_view field : {"usb_allowlist", "usb_baseline"})
            if (contains(*terminal_, field, kind) || contains(*terminal_, field, device) ||
                (!media_id.empty() && contains(*terminal_, field, media_id)))
                return true;
        return false;
    }

    void add_printer() {
        bool allowed = false;
        const auto consider = [&](const std::string& id, const Record& printer) {
            allowed = allowed || (terminal_ != nullptr && contains(*terminal_, "printers_allowed", id) &&
                                  !text_of(printer, "approved_on").empty());
            const Record* room = registers_.find("rooms", text_of(printer, "room_id"), moment_);
            if (const auto zone = text_of(printer, "zone", room == nullptr ? "" : text_of(*room, "zone")); !zone.empty())
                fields_.set("printer.zone", zone);
        };
        // A registered hash decides; only printers registered without one are known by the name of their queue.
        const auto by_name = [&](const std::string& id, const Record& printer) {
            if (text_of(printer, "printer_hash").empty())
                consider(id, printer);
        };
        const auto queue = text_of(event_.body, "printer_id");
        registers_.each_with("printers", "printer_hash", text_of(event_.body, "printer_hash"), moment_, consider);
        registers_.each_with("printers", "queue", queue, moment_, by_name);
        if (const Record* printer = registers_.find("printers", queue, moment_))
            by_name(std::string(queue), *printer);
        fields_.set("printer.allowed", allowed);
    }

    void add_windows() {
        bool maintenance = false, visitor = false, enrolment = false;
        const WallTime time = moment_.as_of;
        registers_.each_with("windows", "terminals", terminal_id_, moment_, [&](const auto&, const Record& window) {
            maintenance = maintenance || (text_of(window, "kind") == "maintenance" && covers(window, time));
        });
        if (terminal_ != nullptr)
            registers_.each_with("windows", "room_id", text_of(*terminal_, "room_id"), moment_,
                                 [&](const auto&, const Record& window) {
                                     visitor = visitor || (text_of(window, "kind") == "visitor" && covers(window, time));
                                 });
        registers_.each_with("enrolments", "terminal_id", terminal_id_, moment_, [&](const auto&, const Record& window) {
            enrolment = enrolment || covers(window, time);
        });
        fields_.set("window.maintenance", maintenance);
        fields_.set("window.visitor", visitor);
        fields_.set("window.enrolment", enrolment);
    }

    const RegisterSnapshot& registers_;
    const Event& event_;
    std::string_view terminal_id_;
    Moment moment_;
    const Record* terminal_ = nullptr;
    const Record* room_ = nullptr;
    Record fields_;
};

class CachedEnrichment final : public Enrichment {
public:
    explicit CachedEnrichment(Database reader) : reader_(std::move(reader)) {}

    Result<void> refresh() {
        auto generation = store::register_generation(reader_);
        if (!generation)
            return generation.error().within("registers");
        if (*generation == generation_)
            return {};
        auto registers = RegisterSnapshot::load(reader_);
        if (!registers)
            return registers.error().within("registers");
        auto rows = store::all_rule_sites(reader_);
        if (!rows)
            return rows.error().within("registers");
        registers_ = std::move(*registers);
        rule_sites_.clear();
        for (auto& row : *rows)
            rule_sites_.emplace(std::pair(row.rule_id, row.site_id), std::move(row));
        generation_ = *generation;
        return {};
    }

    Result<Record> fields_for(const Event& event, std::string_view terminal_id, WallTime known_at) override {
        if (auto done = refresh(); !done)
            return done.error();
        return EventFields(registers_, event, terminal_id, {event_time(event), known_at}).gather();
    }

    Result<bool> is_live(std::string_view rule_id, std::string_view site_id) override {
        if (auto done = refresh(); !done)
            return done.error();
        const store::RuleSite* row =
            most_specific(rule_id, site_id, [](const store::RuleSite& candidate) { return candidate.state.has_value(); });
        return row != nullptr && row->state == "live";
    }

    Result<std::optional<double>> parameter(std::string_view rule_id, std::string_view site_id,
                                            std::string_view name) override {
        if (auto done = refresh(); !done)
            return done.error();
        const store::RuleSite* row = most_specific(rule_id, site_id, [&](const store::RuleSite& candidate) {
            return number_of(candidate.parameters, name).has_value();
        });
        return row == nullptr ? std::nullopt : number_of(row->parameters, name);
    }

private:
    static std::optional<double> number_of(const Record& parameters, std::string_view name) {
        const Value* value = parameters.find(name);
        if (value == nullptr)
            return std::nullopt;
        if (const auto* integer = value->as<std::int64_t>())
            return static_cast<double>(*integer);
        if (const auto* number = value->as<double>())
            return *number;
        return std::nullopt;
    }

    template <class Decides>
    const store::RuleSite* most_specific(std::string_view rule_id, std::string_view site_id, Decides decides) const {
        const std::string rule(rule_id), site(site_id), any;
        for (const auto& key : {std::pair(rule, site), std::pair(rule, any), std::pair(any, site), std::pair(any, any)}) {
            const auto row = rule_sites_.find(key);
            if (row != rule_sites_.end() && decides(row->second))
                return &row->second;
        }
        return nullptr;
    }

    Database reader_;
    std::int64_t generation_ = -1;
    RegisterSnapshot registers_;
    std::map<std::pair<std::string, std::string>, store::RuleSite> rule_sites_;
};

}  // namespace

Result<std::unique_ptr<Enrichment>> Enrichment::open(Database reader) {
    auto enrichment = std::make_unique<CachedEnrichment>(std::move(reader));
    if (auto done = enrichment->refresh(); !done)
        return done.error();
    return std::unique_ptr<Enrichment>(std::move(enrichment));
}

}  // namespace sallyport::registers
