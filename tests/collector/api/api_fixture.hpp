// SPDX-License-Identifier: Apache-2.0
//
// A real server with real TLS on loopback, over a store of its own with a small agency in it: one site, one
// room, two terminals, one operator, an account for each role.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "collector/api/server.hpp"
#include "collector/evidence/bundle/bundle.hpp"
#include "collector/store/alert_repository.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/writer.hpp"
#include "https_client.hpp"
#include "tests/support/manual_clock.hpp"

namespace sallyport::testing {

inline constexpr std::string_view kPassword = "correct horse battery staple";
inline constexpr std::string_view kRoles[] = {"spoc", "psd_investigator", "acc", "auditor", "administrator"};
// How long a test waits for what should come at once.
inline constexpr std::chrono::seconds kSoon{10};

class ApiFixture : public ::testing::Test {
protected:
    ApiFixture();
    ~ApiFixture() override;

    void start(const std::function<void(api::ServerOptions&)>& change = {});

    // A browser that is logged in as the account of this name (the accounts are named after their roles).
    HttpsClient logged_in(std::string_view account);
    HttpsClient browser() { return HttpsClient(server_->port()); }

    // Commits, and announces it like the judge does.
    void write(const store::Writer::Job& job);
    // An alert of terminal T-101 with the evidence of one event by the account.
    store::Alert add_alert(std::string_view id, const std::function<void(store::Alert&)>& change = {});
    void change_alert(store::Alert alert);
    // An attached stick; returns its number in the log.
    std::int64_t add_event(std::string_view account);
    [[nodiscard]] std::vector<store::StoredAuditEntry> audit(std::string_view type, std::string_view id);

    std::filesystem::path folder_;
    ManualClock clock_;
    api::LiveFeed live_;
    decltype(api::Services::bundle) bundle_;  // set before start()
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<api::Server> server_;

private:
    void add_registers();
    void add_accounts();
    std::uint64_t events_ = 0;
};

}  // namespace sallyport::testing
