// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/own_events.hpp"

#include <cstdlib>
#include <iostream>
#include <random>

#include "collector/alerts/event_fields.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::bench {
namespace {

// Few enough to stay in the cache, as events do that were just taken.
constexpr std::size_t kEvents = 400;
constexpr int kTerminals = 200;

struct Kind {
    std::string_view type;
    int share;  // of a hundred events
    Record body;
};

std::vector<Kind> kinds() {
    Record keyboard = testing::usb_stick_body();
    keyboard.set("is_storage", false).set("is_hid", true).set("is_keyboard", true);
    return {
        {"camera.presence",
         45,
         {{"faces", 1},
          {"operator_present", true},
          {"onlookers", 0},
          {"duration_ms", 900},
          {"confidence", 0.93},
          {"zone", "near"},
          {"min_confidence", 0.8}}},
        {"session.idle", 15, {{"idle_s", 120}}},
        {"session.lock", 9, {{"cause", "timeout"}}},
        {"session.unlock", 9, {{"cause", "user"}}},
        {"print.job",
         8,
         {{"job_id", "17"},
          {"printer_id", "HQ-LASER"},
          {"printer_hash", std::string(64, 'a')},
          {"printer_kind", "network"},
          {"pages", 3},
          {"copies", 1},
          {"bytes", 20480},
          {"state", "completed"}}},
        {"usb.attach", 4, keyboard},
        {"usb.attach", 1, testing::usb_stick_body()},
        {"camera.state", 9, {{"state", "on"}, {"indicator", "on"}}},
    };
}

// What collector/registers/enrichment.hpp adds for a terminal in order, and the terminal's running state.
Record added() {
    return {{"terminal.registered", true},
            {"terminal.status", "licensed"},
            {"terminal.licensed", true},
            {"terminal.site", "HQ"},
            {"terminal.room", "R-101"},
            {"terminal.idle_limit_s", 960},
            {"terminal.lock_minutes", 15},
            {"terminal.lock_exempt", false},
            {"terminal.camera_enabled", true},
            {"terminal.usb_policy", "hid_only"},
            {"terminal.heartbeat_s", 60},
            {"terminal.duty_profile", "office_hours"},
            {"room.zone", "controlled"},
            {"room.type", "office"},
            {"site.id", "HQ"},
            {"hours.open", true},
            {"operator.ref", "OP-0001"},
            {"operator.authorisation", "authorised"},
            {"window.maintenance", false},
            {"window.visitor", false},
            {"window.enrolment", false},
            {"session.state", "unlocked"},
            {"session.idle_s", 0},
            {"clets.running", true},
            {"camera.state", "on"},
            {"camera.onlookers", 0},
            {"camera.operator_present", true},
            {"camera.confidence", 0.93},
            {"camera.zone", "near"}};
}

}  // namespace

std::vector<OwnEvent> own_events() {
    const auto all = kinds();
    std::vector<double> shares;
    for (const Kind& kind : all)
        shares.push_back(kind.share);
    std::mt19937 random(7);
    std::discrete_distribution<std::size_t> pick(shares.begin(), shares.end());
    std::vector<OwnEvent> events;
    WallTime time(std::chrono::milliseconds(1'795'456'800'000));
    for (std::size_t i = 0; i < kEvents; ++i) {
        const Kind& kind = all[pick(random)];
        time += std::chrono::milliseconds(700);
        const std::string terminal = "T-" + std::to_string(1000 + random() % kTerminals);
        const Event event = testing::event(kind.type, terminal, std::string(32, 'a'), i + 1, kind.body, time);
        auto line = encode_event(event);
        if (!line) {
            std::cerr << line.error().message() << '\n';
            std::exit(2);
        }
        OwnEvent made{std::move(*line), added(), alerts::event_fields(event, time), alerts::logsource_of(kind.type),
                      time};
        for (const auto& [name, value] : made.added)
            made.fields.append(name, value);
        events.push_back(std::move(made));
    }
    return events;
}

}  // namespace sallyport::bench
