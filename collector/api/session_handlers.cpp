// SPDX-License-Identifier: Apache-2.0
#include "collector/api/session_handlers.hpp"

#include <atomic>

#include "collector/registers/password.hpp"
#include "collector/registers/totp.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/second_factor_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kPasswordBytesMax = 256;

// Hashing is dear on purpose: more at once than this would starve the other handlers.
constexpr int kVerifyingMax = 2;
std::atomic<int> verifying = 0;

struct VerifyingSlot {
    bool taken = verifying.fetch_add(1) < kVerifyingMax;
    ~VerifyingSlot() { verifying.fetch_sub(1); }
};

// One sentence for every reason, so that nobody learns which names exist.
Response refused_login() {
    return error_response(
        401, "login_failed",
        "Name, password or code is wrong, or the account is locked for 15 minutes after five failures.");
}

bool password_fits(const std::optional<store::Account>& account, std::string_view password) {
    // An unknown name costs the same time as a wrong password.
    static const Bytes kNoSalt(16, 0), kNoHash(32, 0);
    if (!account) {
        (void)registers::verify_password(password, kNoSalt, registers::kPasswordRounds, kNoHash);
        return false;
    }
    return registers::verify_password(password, account->password_salt, account->password_rounds,
                                      account->password_hash);
}

// The second factor, once the password is right.
struct CodeCheck {
    bool is_needed = false;                // and none was given
    bool fits = true;
    std::optional<std::uint64_t> step;     // to be marked as used
};

Result<CodeCheck> check_code(const Record& body, Context& context, const store::Account& account) {
    const auto factor = store::find_second_factor(context.reader, account.name);
    if (!factor) return factor.error();
    if (!*factor) return CodeCheck{};
    const auto code = text_of(body, "code");
    if (code.empty()) return CodeCheck{.is_needed = true, .fits = false, .step = {}};
    const auto step = registers::verify_totp((*factor)->secret, code, context.services.clock.now());
    const bool is_new = step && (!(*factor)->last_step || static_cast<std::int64_t>(*step) > *(*factor)->last_step);
    return CodeCheck{.is_needed = false, .fits = is_new, .step = step};
}

store::AuditEntry login_entry(std::string_view account, std::string_view role, const Request& request,
                              bool success) {
    store::AuditEntry entry;
    entry.actor = account;
    entry.actor_role = role;
    entry.action = "session.create";
    entry.object_type = "account";
    entry.object_id = account;
    entry.source_ip = request.source_ip;
    entry.success = success;
    return entry;
}

// The typed name of nobody is not logged: it may be a password typed into the wrong field.
Result<void> note_failure(const Request& request, Context& context,
                          const std::optional<store::Account>& account) {
    const auto now = context.services.clock.now();
    const auto entry = account ? login_entry(account->name, account->role, request, false)
                               : login_entry("unknown", "none", request, false);
    return context.services.writer.run(
        [entry, now, known = account.has_value()](Database& database) -> Result<void> {
            if (auto logged = store::append_audit(database, entry, now); !logged || !known) return logged;
            auto failures = store::login_failures_since(database, entry.object_id, now - kLockOut);
            if (!failures) return failures.error();
            std::optional<WallTime> locked_until;
            if (*failures >= kLoginFailuresMax) locked_until = now + kLockOut;
            return store::record_login_failure(database, entry.object_id, locked_until);
        });
}

Record session_record(const store::ConsoleSession& session, WallTime now) {
    return {{"account", session.account},
            {"display_name", session.display_name},
            {"role", session.role},
            {"csrf_token", session.csrf_token},
            {"idle_limit_s", std::int64_t{std::chrono::seconds(kSessionIdleMax).count()}},
            {"expires_at", format_time(session.created_at + kSessionLifeMax)},
            {"now", format_time(now)}};
}

std::string cookie_header(std::string_view token, std::string_view extra) {
    return std::string(kSessionCookie) + "=" + std::string(token) +
           "; Path=/; Secure; HttpOnly; SameSite=Strict" + std::string(extra);
}

Response open_session(const Request& request, Context& context, const store::Account& account,
                      std::optional<std::uint64_t> code_step) {
    const auto now = context.services.clock.now();
    const auto secret = random_bytes(32);
    const auto token = to_hex(secret);
    const store::ConsoleSession session{.token_sha256 = sha256(bytes_of(token)),
                                        .account = account.name,
                                        .csrf_token = to_hex(random_bytes(32)),
                                        .created_at = now,
                                        .last_used_at = now,
                                        .source_ip = request.source_ip,
                                        .role = account.role,
                                        .display_name = account.display_name};
    const auto entry = login_entry(account.name, account.role, request, true);
    // Whatever session the browser brought ends: nobody goes on with one that another could have given it.
    const auto brought = cookie_value(request.cookie, kSessionCookie);
    auto opened = context.services.writer.run([&](Database& database) -> Result<void> {
        // Of two log-ins with one code the writer lets one through.
        if (code_step)
            if (auto used = store::use_code(database, account.name, static_cast<std::int64_t>(*code_step)); !used) return used;
        if (auto done = store::append_audit(database, entry, now); !done) return done;
        if (brought)
            if (auto done = store::remove_session(database, sha256(bytes_of(*brought))); !done) return done;
        if (auto done = store::clear_login_failures(database, account.name); !done) return done;
        if (auto done =
                store::remove_expired_sessions(database, now - kSessionIdleMax, now - kSessionLifeMax);
            !done)
            return done;
        return store::add_session(database, session);
    });
    if (!opened) return error_response(opened.error());
    auto response = json_response(session_record(session, now), 201);
    response.headers.emplace_back("Set-Cookie", cookie_header(token, ""));
    return response;
}

}  // namespace

bool is_alive(const store::ConsoleSession& session, WallTime now) {
    return now - session.last_used_at < kSessionIdleMax && now - session.created_at < kSessionLifeMax;
}

Result<std::optional<store::ConsoleSession>> session_of(const Request& request, Database& reader,
                                                        WallTime now) {
    auto token = cookie_value(request.cookie, kSessionCookie);
    if (!token || token->size() != 64) return std::optional<store::ConsoleSession>();
    auto session = store::find_session(reader, sha256(bytes_of(*token)));
    if (session && *session && !is_alive(**session, now)) return std::optional<store::ConsoleSession>();
    return session;
}

Response create_session(const Request& request, Context& context) {
    auto body = read_body(request, {"name", "password", "code"});
    if (!body) return error_response(body.error());
    auto name = text_field(*body, "name", kNameBytesMax);
    if (!name) return error_response(name.error());
    auto password = text_field(*body, "password", kPasswordBytesMax);
    if (!password) return error_response(password.error());

    VerifyingSlot slot;
    if (!slot.taken)
        return error_response(503, "busy", "Too many people are logging in; try again in a moment.");
    auto account = store::find_account(context.reader, *name);
    if (!account) return error_response(account.error());
    const auto now = context.services.clock.now();
    const bool fits = password_fits(*account, *password);
    const bool barred = *account && ((*account)->disabled_at || parse_role((*account)->role) == kNobody ||
                                     ((*account)->locked_until && *(*account)->locked_until > now));
    CodeCheck code;
    if (fits && !barred) {
        auto checked = check_code(*body, context, **account);
        if (!checked) return error_response(checked.error());
        code = *checked;
        if (code.is_needed)
            return error_response(401, "second_factor", "Enter the code that your authenticator app shows.", "body: field 'code'");
    }
    if (!fits || barred || !code.fits) {
        auto noted = note_failure(request, context, *account);
        return noted ? refused_login() : error_response(noted.error());
    }
    return open_session(request, context, **account, code.step);
}

Response show_session(const Request&, Context& context) {
    return json_response(session_record(context.session, context.services.clock.now()));
}

Response delete_session(const Request& request, Context& context) {
    const auto token = context.session.token_sha256;
    auto entry = login_entry(context.session.account, context.session.role, request, true);
    entry.action = "session.delete";
    const auto now = context.services.clock.now();
    auto ended = context.services.writer.run([&](Database& database) -> Result<void> {
        if (auto logged = store::append_audit(database, entry, now); !logged) return logged;
        return store::remove_session(database, token);
    });
    if (!ended) return error_response(ended.error());
    auto response = json_response({{"ended", true}});
    response.headers.emplace_back("Set-Cookie", cookie_header("", "; Max-Age=0"));
    return response;
}

}  // namespace sallyport::api
