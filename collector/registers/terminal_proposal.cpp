// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/terminal_proposal.hpp"

#include <algorithm>
#include <set>

#include "collector/store/event_log.hpp"

namespace sallyport::registers {
namespace {

constexpr std::size_t kFirmwareReports = 100;

Result<std::vector<Event>> latest(Database& database, std::string_view terminal_id, std::string_view type,
                                  std::size_t limit) {
    auto stored = store::read_terminal_events_of(database, terminal_id, type, limit);
    if (!stored)
        return stored.error();
    std::vector<Event> events;
    for (const store::StoredEvent& one : *stored) {
        if (!one.line)
            continue;
        auto decoded = decode_event(*one.line);
        if (auto* event = std::get_if<Event>(&decoded))
            events.push_back(std::move(*event));
    }
    return events;
}

List or_none(List items) {
    if (items.empty())
        items.emplace_back("none");
    return items;
}

List built_in_cards(const Record& identity) {
    List cards;
    const Value* value = identity.find("nics");
    if (const auto* list = value == nullptr ? nullptr : value->as<List>())
        for (const Value& item : *list)
            if (const auto* card = item.as<Record>(); card != nullptr && text_of(*card, "bus") == "pci")
                cards.emplace_back(std::string(text_of(*card, "mac")) + "/" + std::string(text_of(*card, "type")));
    return cards;
}

List list_of(const Record& record, std::string_view name) {
    const Value* value = record.find(name);
    const auto* list = value == nullptr ? nullptr : value->as<List>();
    return list == nullptr ? List() : *list;
}

List firmware_of(const std::vector<Record>& reports) {
    List items;
    for (const Record& report : reports) {
        std::string item = std::string(text_of(report, "component")) + "/" + std::string(text_of(report, "version"));
        if (const auto digest = text_of(report, "digest"); !digest.empty())
            item += "/" + std::string(digest);
        items.emplace_back(std::move(item));
    }
    return items;
}

// `Debian GNU/Linux 12 (bookworm), Linux 6.1.0` -> `Debian GNU/Linux 12 (bookworm)`
std::string system_name(std::string_view build) { return std::string(build.substr(0, std::min(build.find(", "), std::size_t{64}))); }

// With its file's digest, so that another file of the same version is not taken for it.
std::string release_of(const Record& identity) {
    std::string release(text_of(identity, "agent_version"));
    if (const auto digest = text_of(identity, "agent_sha256"); !release.empty() && !digest.empty())
        release += "/" + std::string(digest);
    return release;
}

}  // namespace

Result<TerminalReports> read_reports(Database& database, std::string_view terminal_id) {
    auto identity = latest(database, terminal_id, "device.identity", 1);
    auto boot = latest(database, terminal_id, "device.boot", 1);
    auto firmware = latest(database, terminal_id, "device.firmware", kFirmwareReports);
    for (const auto* part : {&identity, &boot, &firmware})
        if (!*part)
            return part->error().within("reports of " + std::string(terminal_id));
    if (identity->empty())
        return Error(Errc::not_found, "terminal " + std::string(terminal_id) + " has not reported its identity yet");
    TerminalReports reports{std::move(identity->front()), std::nullopt, {}};
    if (!boot->empty())
        reports.boot = std::move(boot->front());
    std::set<std::string> components;
    for (Event& event : *firmware)
        if (components.emplace(text_of(event.body, "component")).second)
            reports.firmware.push_back(std::move(event.body));
    return reports;
}

Record propose_fields(const Record& entry, const TerminalReports& reports, const Record* agency) {
    const Record& identity = reports.identity.body;
    Record proposed;
    const auto propose = [&](std::string_view column, Value value) {
        if (!entry.contains(column))
            proposed.append(std::string(column), std::move(value));
    };
    const auto propose_text = [&](std::string_view column, std::string_view text) {
        if (!text.empty())
            propose(column, text);
    };
    for (const std::string_view column : {"manufacturer", "model", "system_serial", "board_serial", "asset_tag"})
        propose_text(column, text_of(identity, column, "none"));
    propose_text("supplier", agency == nullptr ? std::string_view() : text_of(*agency, "supplier"));
    propose_text("installed_on", format_date(county_day(event_time(reports.identity))));
    propose_text("tpm_ek_sha256", text_of(identity, "tpm_ek_sha256"));
    propose("disk_serials", or_none(list_of(identity, "disk_serials")));
    propose("nics", or_none(built_in_cards(identity)));
    if (const auto build = text_of(identity, "os_build"); !build.empty()) {
        propose_text("os_name", system_name(build));
        propose("os_build_allowed", List{Value(build)});
    }
    propose("firmware_allowed", or_none(firmware_of(reports.firmware)));
    if (reports.boot)
        if (const auto digest = text_of(reports.boot->body, "measure_digest"); !digest.empty())
            propose("boot_measure_allowed", List{Value(digest)});
    if (const auto release = release_of(identity); !release.empty())
        propose("agent_version_allowed", List{Value(release)});
    propose_text("agent_config_sha256", reports.identity.config_sha256);
    propose_text("clets_mnemonic", text_of(identity, "mnemonic"));
    propose_text("terminal_identifier", text_of(identity, "terminal_identifier"));
    return proposed;
}

}  // namespace sallyport::registers
