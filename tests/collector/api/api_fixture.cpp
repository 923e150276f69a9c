// SPDX-License-Identifier: Apache-2.0
#include "api_fixture.hpp"

#include <fstream>

#include "collector/registers/password.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/register_repository.hpp"
#include "protocol/chain.hpp"
#include "protocol/crypto.hpp"
#include "test_certificate.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport::testing {
namespace {

constexpr std::string_view kInstance = "0123456789abcdef0123456789abcdef";

std::filesystem::path make_folder() {
    auto folder = std::filesystem::temp_directory_path() / ("sallyport-api-" + random_id());
    std::filesystem::create_directories(folder / "console" / "assets");
    std::ofstream(folder / "console" / "index.html") << "<!doctype html><title>Sallyport</title>";
    std::ofstream(folder / "console" / "assets" / "app.js") << "export {};";
    std::ofstream(folder / "secret.txt") << "not for everybody";
    return folder;
}

// Hashing takes some tenths of a second on purpose: once for all accounts of all tests.
const registers::PasswordHash& password_hash() {
    static const registers::PasswordHash hash = *registers::hash_password(kPassword);
    return hash;
}

}  // namespace

ApiFixture::ApiFixture() : folder_(make_folder()) {
    auto writer = store::Writer::open(folder_ / "store.db");
    if (!writer) throw std::runtime_error(writer.error().message());
    writer_ = std::move(*writer);
    add_registers();
    add_accounts();
}

ApiFixture::~ApiFixture() {
    server_.reset();
    writer_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void ApiFixture::start(const std::function<void(api::ServerOptions&)>& change) {
    const auto certificate = make_certificate(folder_);
    api::ServerOptions options;
    options.port = 0;
    options.certificate = certificate.certificate;
    options.key = certificate.key;
    options.console = folder_ / "console";
    if (change) change(options);
    auto server = api::Server::start(options, api::Services{*writer_, clock_, live_, {}, bundle_});
    if (!server) throw std::runtime_error(server.error().message());
    server_ = std::move(*server);
}

HttpsClient ApiFixture::logged_in(std::string_view account) {
    const auto token = to_hex(random_bytes(32));
    const auto csrf_token = to_hex(random_bytes(32));
    write([&](Database& database) {
        return store::add_session(database, {.token_sha256 = sha256(bytes_of(token)),
                                             .account = std::string(account),
                                             .csrf_token = csrf_token,
                                             .created_at = clock_.now(),
                                             .last_used_at = clock_.now(),
                                             .source_ip = "127.0.0.1",
                                             .role = "",
                                             .display_name = ""});
    });
    auto client = browser();
    client.set_session("__Host-sallyport=" + token, csrf_token);
    return client;
}

void ApiFixture::write(const store::Writer::Job& job) {
    auto written = writer_->run(job);
    if (!written) throw std::runtime_error(written.error().message());
    live_.notify();
}

void ApiFixture::add_registers() {
    const auto entry = [&](std::string_view name, std::string_view id, Record data) {
        store::RegisterEntry made;
        made.ori = "CA0190000";
        made.register_name = name;
        made.id = id;
        made.valid_from = clock_.now() - std::chrono::hours(24);
        made.recorded_at = made.valid_from;
        made.changed_by = "test";
        made.change_reason = "test";
        made.data = std::move(data);
        write([made](Database& database) { return store::record_entry(database, made); });
    };
    entry("sites", "S1", {{"site_name", "Hall of Justice"}});
    entry("rooms", "R1", {{"site_id", "S1"}, {"room_label", "Records 204"}});
    for (std::string_view id : {"T-101", "T-102"})
        entry("terminals", id,
              {{"status", "licensed"}, {"site_id", "S1"}, {"room_id", "R1"}, {"surveyed_on", "2026-10-01"}});
    entry("operators", "OP-7", {{"display_name", "Dana Rivera"}, {"os_accounts", List{"drivera"}}});
}

void ApiFixture::add_accounts() {
    for (std::string_view role : kRoles) {
        store::Account account;
        account.name = role;
        account.role = role;
        account.display_name = role;
        account.password_salt = password_hash().salt;
        account.password_hash = password_hash().hash;
        account.password_rounds = password_hash().rounds;
        account.created_at = clock_.now();
        write([account](Database& database) { return store::save_account(database, account); });
    }
}

std::int64_t ApiFixture::add_event(std::string_view account) {
    Event made = usb_attach("T-101", kInstance, ++events_);
    made.operator_account = std::string(account);
    made.occurred_at = clock_.now();
    made.observed_at = clock_.now();
    const auto line = encode_event(made);
    if (!line) throw std::runtime_error(line.error().message());
    write([&](Database& database) -> Result<void> {
        auto stream = store::find_stream(database, "T-101", kInstance);
        if (!stream) return stream.error();
        if (!*stream) {
            auto created =
                store::create_stream(database, "CA0190000", "T-101", kInstance, Digest{}, clock_.now());
            if (!created) return created.error();
            *stream = *created;
        }
        auto appender = store::EventAppender::open(database);
        if (!appender) return appender.error();
        store::NewEvent fresh{.type = made.type,
                              .event_time = clock_.now(),
                              .leaf = leaf_of(*line),
                              .line = *line,
                              .withheld_reason = std::nullopt};
        return appender->append(**stream, std::nullopt, {fresh}, clock_.now());
    });
    auto reader = writer_->reader();
    return store::read_terminal_events(*reader, "T-101", 0, 1)->front().ingest_id;
}

store::Alert ApiFixture::add_alert(std::string_view id, const std::function<void(store::Alert&)>& change) {
    store::Alert alert;
    alert.alert_id = id;
    alert.ori = "CA0190000";
    alert.rule_id = "USB-01";
    alert.rule_version = "1";
    alert.control_refs = {"CJIS CSP v6.0 MP-7"};
    alert.severity = "high";
    alert.title = "Unknown USB storage attached";
    alert.summary = "An unknown USB stick was attached to T-101.";
    alert.terminal_id = "T-101";
    alert.dedupe_key = "USB-01/T-101/drivera/" + std::string(id);
    alert.lane = "queue";
    alert.kind = "event";
    alert.state = "new";
    alert.routed_to = {"SPOC"};
    alert.first_event_at = alert.last_event_at = alert.condition_at = alert.known_at = clock_.now();
    alert.raised_at = clock_.now() + std::chrono::milliseconds(400);
    alert.ack_due_at = clock_.now() + std::chrono::hours(1);
    if (change) change(alert);
    write([&](Database& database) -> Result<void> {
        if (auto done = store::insert_alert(database, alert); !done) return done;
        return store::add_evidence(database, alert.alert_id, alert.evidence);
    });
    auto reader = writer_->reader();
    return **store::find_alert(*reader, alert.alert_id);
}

void ApiFixture::change_alert(store::Alert alert) {
    write([&](Database& database) { return store::update_alert(database, alert); });
}

std::vector<store::StoredAuditEntry> ApiFixture::audit(std::string_view type, std::string_view id) {
    auto reader = writer_->reader();
    return *store::read_audit(*reader, type, id, 100);
}

}  // namespace sallyport::testing
