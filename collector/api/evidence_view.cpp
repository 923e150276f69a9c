// SPDX-License-Identifier: Apache-2.0
#include "collector/api/evidence_view.hpp"

#include <algorithm>

#include "collector/store/register_repository.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

// Body fields that name a person: shown under the same rule as the envelope's account.
constexpr std::string_view kPersonFields[] = {"requested_by", "actor"};

bool is_person_field(std::string_view name) {
    return std::find(std::begin(kPersonFields), std::end(kPersonFields), name) != std::end(kPersonFields);
}

std::vector<std::string> accounts_of(const Record& entry) {
    std::vector<std::string> accounts;
    const Value* value = entry.find("os_accounts");
    if (value == nullptr) return accounts;
    if (const auto* list = value->as<List>())
        for (const Value& item : *list)
            if (const auto* text = item.as<std::string>()) accounts.push_back(*text);
    if (const auto* text = value->as<std::string>()) accounts.push_back(*text);
    return accounts;
}

}  // namespace

Result<std::optional<Operator>> operator_of(Database& reader, std::string_view account, WallTime now) {
    auto entries = store::list_entries(reader, "operators", now, now);
    if (!entries) return entries.error().within("operators");
    for (const auto& entry : *entries)
        for (const auto& known : accounts_of(entry.data))
            if (known == account)
                return std::optional(Operator{entry.id, std::string(text_of(entry.data, "display_name"))});
    return std::optional<Operator>();
}

Result<void> EvidenceView::load_operators() {
    if (loaded_) return {};
    auto entries = store::list_entries(reader_, "operators", now_, now_);
    if (!entries) return entries.error().within("operators");
    for (const auto& entry : *entries)
        for (const auto& account : accounts_of(entry.data))
            refs_.emplace(account, entry.id);
    loaded_ = true;
    return {};
}

Result<std::string> EvidenceView::person(const std::string& account) {
    if (auto loaded = load_operators(); !loaded) return loaded.error();
    auto ref = refs_.find(account);
    if (ref != refs_.end()) return names_ == Names::shown ? ref->second + " (" + account + ")" : ref->second;
    if (names_ == Names::shown) return account + " (not in the register)";
    auto [number, added] = unknown_.try_emplace(account, std::to_string(unknown_.size() + 1));
    return "unregistered account " + number->second;
}

Result<Record> EvidenceView::one(const store::StoredEvent& stored) {
    Record view{{"ingest_id", stored.ingest_id},        {"type", stored.type},
                {"terminal_id", stored.terminal_id},    {"seq", stored.seq},
                {"at", format_time(stored.event_time)}, {"received_at", format_time(stored.received_at)},
                {"leaf", to_hex(stored.leaf)}};
    if (!stored.line) {
        view.set("withheld", stored.withheld_reason.value_or("withheld"));
        return view;
    }
    auto decoded = decode_event(*stored.line);
    const auto* event = std::get_if<Event>(&decoded);
    if (event == nullptr) {
        view.set("withheld", "the stored line cannot be read");
        return view;
    }
    view.set("occurred_at", event->occurred_at ? Value(format_time(*event->occurred_at)) : Value("unknown"));
    view.set("observed_at", format_time(event->observed_at));
    view.set("clock", to_string(event->clock));
    view.set("outcome", to_string(event->outcome));
    if (event->operator_account) {
        auto shown = person(*event->operator_account);
        if (!shown) return shown.error();
        view.set("person", *shown);
    }
    Record body;
    for (const auto& [name, value] : event->body) {
        const auto* text = value.as<std::string>();
        if (!is_person_field(name) || text == nullptr) {
            body.append(name, value);
            continue;
        }
        auto shown = person(*text);
        if (!shown) return shown.error();
        body.append(name, *shown);
    }
    view.set("body", std::move(body));
    return view;
}

Result<List> EvidenceView::events(std::vector<store::StoredEvent> events) {
    std::stable_sort(events.begin(), events.end(),
                     [](const auto& a, const auto& b) { return a.event_time < b.event_time; });
    List views;
    for (const auto& stored : events) {
        auto view = one(stored);
        if (!view) return view.error().within("evidence: event " + std::to_string(stored.ingest_id));
        views.emplace_back(std::move(*view));
    }
    return views;
}

}  // namespace sallyport::api
