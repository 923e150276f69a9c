// SPDX-License-Identifier: Apache-2.0
//
// A request as it comes from the socket, for the real router over a real store. The first byte says who is logged in (a
// role, or nobody) and whether the session's token is put in; the rest is the request. Whatever it is: an answer of
// JSON or a page, no failure of the collector's own, and nothing of a role that may not see it.
#include <stdlib.h>

#include <boost/asio/buffer.hpp>
#include <filesystem>
#include <fstream>

#include "collector/api/beast_messages.hpp"
#include "collector/api/router.hpp"
#include "collector/store/account_repository.hpp"
#include "collector/store/alert_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "tests/support/manual_clock.hpp"

using namespace sallyport;
namespace http = boost::beast::http;

namespace {

constexpr std::string_view kRoles[] = {"spoc", "psd_investigator", "acc", "auditor", "administrator"};
constexpr const char* kHost = "localhost:8443";

class Stage {
public:
    Stage() {
        char name[] = "/dev/shm/fuzz-http-XXXXXX";
        folder_ = mkdtemp(name);
        std::filesystem::create_directories(folder_ / "console");
        std::ofstream(folder_ / "console/index.html") << "<!doctype html>";
        writer_ = *store::Writer::open(folder_ / "store.db");
        for (const auto role : kRoles)
            add(role);
        add_alert();
        router_ = std::make_unique<api::Router>(api::Services{*writer_, clock_, live_, {}},
                                                *api::StaticFiles::load(folder_ / "console"),
                                                std::set<std::string>{"localhost"});
        router_->serve_as(8443);
    }
    ~Stage() {
        router_.reset();
        writer_.reset();
        std::filesystem::remove_all(folder_);
    }

    api::Response ask(api::Request request, std::uint8_t who) {
        const std::size_t role = who % 8;
        if (role < std::size(kRoles)) request.cookie = "__Host-sallyport=" + token(kRoles[role]);
        if ((who & 8) != 0 && role < std::size(kRoles)) request.csrf_token = std::string(64, 'c');
        return router_->handle(request);
    }

private:
    static std::string token(std::string_view role) { return to_hex(sha256(bytes_of(role))); }

    void write(const store::Writer::Job& job) {
        if (!writer_->run(job)) __builtin_trap();
    }

    void add(std::string_view role) {
        write([&](Database& database) -> Result<void> {
            store::Account account;
            account.name = account.role = account.display_name = role;
            account.password_salt = Bytes(16, 1);
            account.password_hash = Bytes(32, 1);
            account.password_rounds = 1;
            account.created_at = clock_.now();
            if (auto done = store::save_account(database, account); !done) return done;
            return store::add_session(database, {.token_sha256 = sha256(bytes_of(token(role))),
                                                 .account = account.name,
                                                 .csrf_token = std::string(64, 'c'),
                                                 .created_at = clock_.now(),
                                                 .last_used_at = clock_.now(),
                                                 .source_ip = "127.0.0.1",
                                                 .role = "",
                                                 .display_name = ""});
        });
    }

    void add_alert() {
        store::Alert alert;
        alert.alert_id = "a1";
        alert.ori = "CA0190000";
        alert.rule_id = "USB-01";
        alert.severity = "high";
        alert.terminal_id = "T-101";
        alert.dedupe_key = "k";
        alert.lane = "queue";
        alert.kind = "event";
        alert.state = "new";
        alert.routed_to = {"SPOC"};
        alert.first_event_at = alert.last_event_at = alert.condition_at = alert.raised_at = alert.known_at =
            clock_.now();
        write([&](Database& database) { return store::insert_alert(database, alert); });
    }

    std::filesystem::path folder_;
    testing::ManualClock clock_;
    api::LiveFeed live_;
    std::unique_ptr<store::Writer> writer_;
    std::unique_ptr<api::Router> router_;
};

// As the server reads it, with its limits.
std::optional<api::Request> read(const std::uint8_t* data, std::size_t size) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(16 * 1024);
    parser.body_limit(64 * 1024);
    parser.eager(true);
    boost::system::error_code error;
    std::size_t at = 0;
    while (!error && !parser.is_done() && at < size) {
        const auto used = parser.put(boost::asio::const_buffer(data + at, size - at), error);
        if (used == 0) break;
        at += used;
    }
    if (error) {
        (void)api::answer_to(error);
        return std::nullopt;
    }
    if (!parser.is_done()) return std::nullopt;
    auto request = api::convert(parser.get(), "192.0.2.1");
    return request ? std::optional(std::move(*request)) : std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Stage stage;
    if (size < 1) return 0;
    auto request = read(data + 1, size - 1);
    if (!request) return 0;
    if (request->host.empty()) request->host = kHost;
    // Hashing a password takes a second here; what comes before it is read all the same.
    if (request->path == "/api/v1/session" && request->method == "POST") {
        (void)api::read_body(*request, {"name", "password"});
        return 0;
    }
    if (request->path == "/api/v1/session" && request->method == "DELETE") return 0;  // the sessions are for all inputs
    const bool is_api = request->path.starts_with("/api/");
    const std::string method = request->method;
    const auto answer = stage.ask(std::move(*request), data[0]);
    if (answer.status < 200 || answer.status > 599 || answer.status == 500) __builtin_trap();
    if (is_api && !answer.is_event_stream &&
        !read_json(answer.body, {.bytes_max = 1 << 24, .depth_max = 16, .fields_max = 1 << 20}))
        __builtin_trap();
    (void)api::convert(answer, 11, true, method == "HEAD");
    return 0;
}
