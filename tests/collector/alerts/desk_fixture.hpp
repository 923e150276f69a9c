// SPDX-License-Identifier: Apache-2.0
//
// A real store with its writer thread, a clock that stands still, and verbs to put alerts into it by hand.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "collector/alerts/alert_desk.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::testing {

using namespace std::chrono_literals;

// 09:00 in the county, a Monday.
inline const WallTime kMondayMorning = *parse_time("2026-11-23T17:00:00.000Z");

class DeskFixture : public ::testing::Test {
protected:
    DeskFixture() : folder_(std::filesystem::temp_directory_path() / ("sallyport-" + random_id())) {
        std::filesystem::create_directories(folder_);
        writer_ = std::move(*store::Writer::open(file()));
        reader_.emplace(*writer_->reader());
    }
    ~DeskFixture() override {
        reader_.reset();
        writer_.reset();
        std::filesystem::remove_all(folder_);
    }

    [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }
    store::Writer& writer() { return *writer_; }
    Database& reader() { return *reader_; }

    static store::Alert alert(std::string id, std::string terminal = "T1") {
        store::Alert made;
        made.alert_id = id;
        made.ori = "CA0010000";
        made.rule_id = "USB-01";
        made.rule_version = std::string(64, 'a');
        made.control_refs = {"CSP 6.0 MP-7"};
        made.severity = "high";
        made.title = "Unknown USB storage attached";
        made.summary = "Unknown USB storage was attached.";
        made.terminal_id = terminal;
        made.dedupe_key = "key of " + id;
        made.lane = "queue";
        made.kind = "event";
        made.state = "new";
        made.routed_to = {"SPOC"};
        made.first_event_at = made.last_event_at = made.condition_at = made.raised_at = made.known_at =
            kMondayMorning;
        made.ack_due_at = kMondayMorning + 60min;
        return made;
    }
    store::Alert put(store::Alert made) {
        const auto done =
            writer_->run([&](Database& database) { return store::insert_alert(database, made); });
        EXPECT_TRUE(done) << done.error().message();
        return stored(made.alert_id);
    }
    store::Alert put(std::string id) { return put(alert(std::move(id))); }
    store::Alert stored(std::string_view id) {
        const auto found = store::find_alert(*reader_, id);
        EXPECT_TRUE(found && *found) << id;
        return found && *found ? **found : store::Alert{};
    }
    // Actions logged about the object, oldest first.
    std::vector<std::string> acts(std::string_view type, std::string_view id) {
        const auto entries = store::read_audit(*reader_, type, id, 100);
        EXPECT_TRUE(entries);
        std::vector<std::string> actions;
        for (const auto& stored : *entries)
            actions.push_back(stored.entry.actor + " " + stored.entry.action);
        return actions;
    }

    ManualClock clock_{kMondayMorning};
    alerts::Actor spoc_{"sam", "spoc", "10.0.0.1"};
    alerts::Actor deputy_{"dana", "spoc", "10.0.0.2"};

private:
    std::filesystem::path folder_;
    std::unique_ptr<store::Writer> writer_;
    std::optional<Database> reader_;
};

}  // namespace sallyport::testing
