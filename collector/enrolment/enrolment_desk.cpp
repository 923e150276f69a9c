// SPDX-License-Identifier: Apache-2.0
#include "collector/enrolment/enrolment_desk.hpp"

#include "collector/enrolment/certificate_request.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::enrolment {
namespace {

Error no_such_token() {
    return Error(Errc::refused, "The token is not good for this terminal: unknown, spent or past its time.");
}

Result<void> log(Database& database, const Actor& actor, std::string_view action, const std::string& terminal,
                 const Record& detail, WallTime now) {
    store::AuditEntry entry;
    entry.actor = actor.name;
    entry.actor_role = actor.role;
    entry.action = action;
    entry.object_type = "terminals";
    entry.object_id = terminal;
    entry.detail = write_json(detail);
    if (!actor.source_ip.empty())
        entry.source_ip = actor.source_ip;
    return store::append_audit(database, entry, now);
}

// A key is used once, for one terminal.
Result<void> check_key_is_new(Database& database, const std::string& public_key) {
    auto keys = store::all_keys(database);
    if (!keys)
        return keys.error();
    for (const store::TerminalKey& key : *keys)
        if (key.public_key == public_key)
            return Error(Errc::refused, "this key was enrolled before, for terminal " + key.terminal_id +
                                            (key.revoked_at ? ", and revoked" : "") + ": a key is used once");
    return {};
}

Result<std::optional<store::TerminalKey>> key_in_force(Database& database, const std::string& terminal,
                                                       const std::string& public_key) {
    auto keys = store::keys_of(database, terminal);
    if (!keys)
        return keys.error();
    for (store::TerminalKey& key : *keys)
        if (key.public_key == public_key && !key.revoked_at)
            return std::optional(std::move(key));
    return std::optional<store::TerminalKey>();
}

Result<store::CertificateRequest> request_in_state(Database& database, std::string_view id, std::string_view state) {
    auto request = store::find_certificate_request(database, id);
    if (!request)
        return request.error();
    if (!*request)
        return Error(Errc::not_found, "there is no certificate request " + std::string(id));
    if ((*request)->state != state)
        return Error(Errc::conflict, "the request of terminal " + (*request)->terminal_id + " is " + (*request)->state +
                                         ", not " + std::string(state));
    return std::move(**request);
}

Result<void> decide(Database& database, store::CertificateRequest& request, std::string state, const Actor& actor, WallTime now) {
    request.state = std::move(state);
    request.decided_by = actor.name;
    request.decided_at = now;
    return store::save_certificate_request(database, request);
}

// The first report of a new instance and its hardware is expected for a while (dictionary section 7).
Result<void> open_window(Database& database, const std::string& terminal, const std::string& ori,
                         std::chrono::minutes length, const Actor& actor, WallTime now) {
    store::RegisterEntry window;
    window.ori = ori;
    window.register_name = "enrolments";
    window.id = "E-" + random_id().substr(0, 16);
    window.valid_from = now;
    window.recorded_at = now;
    window.changed_by = actor.name;
    window.change_reason = "terminals enrol";
    window.data = {{"enrolment_id", window.id},
                   {"terminal_id", terminal},
                   {"from", format_time(now)},
                   {"to", format_time(now + length)},
                   {"performed_by", actor.name}};
    return store::record_entry(database, window);
}

Result<void> renew_certificate(Database& database, const store::CertificateRequest& request,
                               const SignedCertificate& certificate, const Actor& actor, WallTime now) {
    if (auto done = store::add_key(database, {request.terminal_id, request.ori, request.public_key, certificate.sha256,
                                              certificate.not_after, now, std::nullopt, std::nullopt});
        !done)
        return done;
    return log(database, actor, "terminal.renew", request.terminal_id,
               {{"cert_sha256", certificate.sha256}, {"not_after", format_time(certificate.not_after)}}, now);
}

}  // namespace

Result<store::RegisterEntry> terminal_in_use(Database& database, const std::string& terminal, WallTime now) {
    auto entry = store::find_entry(database, "terminals", terminal, now, now);
    if (!entry)
        return entry.error();
    if (!*entry)
        return Error(Errc::refused, "terminal " + terminal + " is not in the register");
    const auto status = text_of((*entry)->data, "status");
    if (status == "retired" || status == "lost" || status == "stolen")
        return Error(Errc::refused, "terminal " + terminal + " is " + std::string(status));
    return std::move(**entry);
}

Result<EnrolmentToken> issue_token(Database& database, const std::string& terminal, const std::string& authority_sha256,
                                   std::chrono::minutes life, const Actor& actor, WallTime now) {
    auto entry = terminal_in_use(database, terminal, now);
    if (!entry)
        return entry.error();
    if (auto done = store::expire_enrolment_tokens(database, terminal, now); !done)
        return done.error();
    EnrolmentToken token{terminal, random_id(), authority_sha256};
    const WallTime end = now + std::min(life, kTokenLifeMax);
    if (auto done = store::add_enrolment_token(
            database, {sha256(bytes_of(token.secret)), terminal, entry->ori, actor.name, now, end, std::nullopt});
        !done)
        return done.error();
    if (auto done = log(database, actor, "terminal.token", terminal, {{"expires_at", format_time(end)}}, now); !done)
        return done.error();
    return token;
}

Result<std::string> take_request(Database& database, const std::string& terminal, const std::string& secret,
                                 const std::string& request_pem, const Actor& actor, WallTime now) {
    const Digest digest = sha256(bytes_of(secret));
    auto token = store::find_enrolment_token(database, digest);
    if (!token)
        return token.error();
    if (!*token || (*token)->terminal_id != terminal || now >= (*token)->expires_at)
        return no_such_token();
    auto facts = read_certificate_request(request_pem);
    if (!facts)
        return facts.error();
    if (facts->common_name != terminal)
        return Error(Errc::refused, "certificate request: its subject is not CN=" + terminal);
    if ((*token)->request_id) {
        auto earlier = store::find_certificate_request(database, *(*token)->request_id);
        if (!earlier)
            return earlier.error();
        return *earlier && (*earlier)->public_key == facts->public_key ? Result<std::string>((*earlier)->request_id)
                                                                       : no_such_token();
    }
    auto entry = terminal_in_use(database, terminal, now);
    if (!entry)
        return entry.error();
    if (auto good = check_key_is_new(database, facts->public_key); !good)
        return good.error();
    const store::CertificateRequest request{random_id(), "enrolment", terminal, entry->ori, facts->public_key, request_pem,
                                            actor.source_ip, now, "waiting", {}, {}, {}, {}};
    if (auto done = store::save_certificate_request(database, request); !done)
        return done.error();
    if (auto done = store::spend_enrolment_token(database, digest, request.request_id); !done)
        return done.error();
    if (auto done = log(database, actor, "enrolment.request", terminal, {{"key_sha256", to_hex(sha256(bytes_of(facts->public_key)))}}, now);
        !done)
        return done.error();
    return request.request_id;
}

Result<std::string> take_renewal(Database& database, const std::string& request_pem, const Actor& actor, WallTime now) {
    auto facts = read_certificate_request(request_pem);
    if (!facts)
        return facts.error();
    auto key = key_in_force(database, facts->common_name, facts->public_key);
    if (!key)
        return key.error();
    if (!*key)
        return Error(Errc::refused, "The key is not enrolled for this terminal, or is revoked.");
    auto entry = terminal_in_use(database, facts->common_name, now);
    if (!entry)
        return entry.error();
    auto earlier = store::newest_request_of_key(database, facts->public_key);
    if (!earlier)
        return earlier.error();
    if (*earlier && (*earlier)->state == "approved")
        return (*earlier)->request_id;  // asked again before it was signed
    auto issued = store::newest_certificate_issued_at(database, facts->public_key);
    if (!issued)
        return issued.error();
    if (const WallTime since = issued->value_or((*key)->enrolled_at); now < since + ((*key)->not_after - since) / 2) {
        if (*earlier && (*earlier)->state == "issued")
            return (*earlier)->request_id;  // signed meanwhile, and not fetched yet
        return Error(Errc::conflict, "The certificate is good until " + format_time((*key)->not_after) +
                                         ": it is not renewed in the first half of its life.");
    }
    const store::CertificateRequest request{random_id(), "renewal", facts->common_name, (*key)->ori, facts->public_key,
                                            request_pem, actor.source_ip, now, "approved", "system", now,
                                            "the key is in force", {}};
    if (auto done = store::save_certificate_request(database, request); !done)
        return done.error();
    if (auto done = log(database, actor, "enrolment.renewal", facts->common_name, {}, now); !done)
        return done.error();
    return request.request_id;
}

Result<void> approve(Database& database, std::string_view request_id, const Actor& actor, WallTime now) {
    auto request = request_in_state(database, request_id, "waiting");
    if (!request)
        return request.error();
    if (auto good = check_signable(database, *request, now); !good)
        return good;
    if (auto done = decide(database, *request, "approved", actor, now); !done)
        return done;
    return log(database, actor, "enrolment.approve", request->terminal_id, {{"request", std::string(request_id)}}, now);
}

Result<void> refuse_waiting(Database& database, std::string_view request_id, const std::string& reason, const Actor& actor,
                            WallTime now) {
    auto request = request_in_state(database, request_id, "waiting");
    return request ? refuse(database, std::move(*request), reason, actor, now) : request.error();
}

Result<void> refuse(Database& database, store::CertificateRequest request, const std::string& reason, const Actor& actor,
                    WallTime now) {
    request.reason = reason;
    if (auto done = decide(database, request, "refused", actor, now); !done)
        return done;
    return log(database, actor, "enrolment.refuse", request.terminal_id,
               {{"request", request.request_id}, {"reason", reason}}, now);
}

Result<void> check_signable(Database& database, const store::CertificateRequest& request, WallTime now) {
    if (auto entry = terminal_in_use(database, request.terminal_id, now); !entry)
        return entry.error();
    if (request.kind == "enrolment")
        return check_key_is_new(database, request.public_key);
    auto key = key_in_force(database, request.terminal_id, request.public_key);
    if (!key)
        return key.error();
    return *key ? Result<void>() : Error(Errc::refused, "the key of terminal " + request.terminal_id + " is revoked");
}

Result<void> issue(Database& database, store::CertificateRequest request, const SignedCertificate& certificate,
                   const Acceptance& acceptance, const Actor& actor, WallTime now) {
    auto accepted = request.kind == "renewal"
                        ? renew_certificate(database, request, certificate, actor, now)
                        : accept_certificate(database, request.terminal_id, request.ori, certificate, acceptance, actor, now);
    if (!accepted)
        return accepted;
    request.state = "issued";
    request.certificate = certificate.pem;
    return store::save_certificate_request(database, request);
}

Result<void> accept_certificate(Database& database, const std::string& terminal, const std::string& ori,
                                const SignedCertificate& certificate, const Acceptance& acceptance, const Actor& actor,
                                WallTime now) {
    if (auto good = check_key_is_new(database, certificate.public_key); !good)
        return good;
    auto keys = store::keys_of(database, terminal);
    if (!keys)
        return keys.error();
    const bool enrolled = std::any_of(keys->begin(), keys->end(), [](const auto& key) { return !key.revoked_at; });
    if (enrolled && !acceptance.replace)
        return Error(Errc::conflict, "terminal " + terminal + " has an enrolled key; --replace revokes it");
    if (enrolled)
        if (auto done = store::revoke_keys(database, terminal, "replaced", now); !done)
            return done;
    if (auto done = store::add_key(database, {terminal, ori, certificate.public_key, certificate.sha256, certificate.not_after,
                                              now, std::nullopt, std::nullopt});
        !done)
        return done;
    if (auto done = log(database, actor, "terminal.enrol", terminal,
                        {{"cert_sha256", certificate.sha256}, {"replaced", enrolled}}, now);
        !done)
        return done;
    return open_window(database, terminal, ori, acceptance.window, actor, now);
}

}  // namespace sallyport::enrolment
