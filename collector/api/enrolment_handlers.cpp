// SPDX-License-Identifier: Apache-2.0
#include "collector/api/enrolment_handlers.hpp"

#include "collector/enrolment/enrolment_desk.hpp"
#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::api {
namespace {

constexpr std::size_t kTerminalBytesMax = 64;
constexpr std::size_t kTokenBytesMax = 256;
constexpr std::size_t kReasonBytesMax = 400;
constexpr std::size_t kShownMax = 500;

Response too_often() { return error_response(429, "too_often", "Asked too often; try again in a minute."); }

enrolment::Actor stranger(const Request& request) { return {"terminal", "none", request.source_ip}; }
enrolment::Actor person(const Request& request, const Context& context) {
    return {context.session.account, context.session.role, request.source_ip};
}

// A token that does not fit, a key that is not ours: who tried is written down before the answer.
Response refused(const Request& request, Context& context, const std::string& action, const std::string& terminal,
                 const Error& error) {
    if (error.code() == Errc::refused || error.code() == Errc::conflict) {
        if (auto logged = log_act(context, request, action, "terminals", is_terminal_id(terminal) ? terminal : "unknown", false);
            !logged)
            return error_response(logged.error());
    }
    return error_response(error);
}

// 202: what is asked for is not there yet.
Response accepted(const std::string& id, std::string_view state) {
    return json_response({{"id", id}, {"state", std::string(state)}}, 202);
}

Record view_of(const store::CertificateRequest& request) {
    return {{"id", request.request_id},
            {"kind", request.kind},
            {"terminal_id", request.terminal_id},
            {"key_sha256", to_hex(sha256(bytes_of(request.public_key)))},
            {"received_at", format_time(request.received_at)},
            {"source_ip", request.source_ip},
            {"state", request.state},
            {"decided_by", request.decided_by ? Value(*request.decided_by) : Value()},
            {"decided_at", request.decided_at ? Value(format_time(*request.decided_at)) : Value()},
            {"reason", request.reason ? Value(*request.reason) : Value()}};
}

// Decides, and answers with the request as it then stands.
Response decide(const Request& request, Context& context, const store::Writer::Job& decision) {
    if (auto done = context.services.writer.run(decision); !done) return error_response(done.error());
    context.services.live.notify();
    auto decided = store::find_certificate_request(context.reader, request.id);
    if (!decided) return error_response(decided.error());
    if (!*decided) return error_response(404, "not_found", "There is no such request.");
    return json_response(view_of(**decided));
}

}  // namespace

Response show_authority(const Request& request, Context& context) {
    const EnrolmentPapers& papers = context.services.papers;
    if (!context.strangers.fetching.admits(request.source_ip, context.services.clock.monotonic())) return too_often();
    if (papers.authority.empty()) return error_response(404, "not_found", "No authority is configured here.");
    return json_response({{"certificate", papers.authority}, {"collector_key", papers.collector_key}});
}

Response request_enrolment(const Request& request, Context& context) {
    if (!context.strangers.asking.admits(request.source_ip, context.services.clock.monotonic())) return too_often();
    auto body = read_body(request, {"token", "request"});
    if (!body) return error_response(body.error());
    auto token_text = text_field(*body, "token", kTokenBytesMax);
    auto pem = text_field(*body, "request", enrolment::kRequestBytesMax);
    if (!token_text || !pem) return error_response((token_text ? pem : token_text).error());
    auto token = parse_enrolment_token(*token_text);
    if (!token) return refused(request, context, "enrolment.request", {}, token.error());
    std::string id;
    auto taken = context.services.writer.run([&](Database& database) -> Result<void> {
        auto made = enrolment::take_request(database, token->terminal, token->secret, *pem, stranger(request),
                                            context.services.clock.now());
        if (!made) return made.error();
        id = *made;
        return {};
    });
    if (!taken) return refused(request, context, "enrolment.request", token->terminal, taken.error());
    context.services.live.notify();
    return accepted(id, "waiting");
}

Response request_renewal(const Request& request, Context& context) {
    if (!context.strangers.asking.admits(request.source_ip, context.services.clock.monotonic())) return too_often();
    auto body = read_body(request, {"terminal", "request"});
    if (!body) return error_response(body.error());
    auto terminal = text_field(*body, "terminal", kTerminalBytesMax);
    auto pem = text_field(*body, "request", enrolment::kRequestBytesMax);
    if (!terminal || !pem) return error_response((terminal ? pem : terminal).error());
    std::string id;
    auto taken = context.services.writer.run([&](Database& database) -> Result<void> {
        auto made = enrolment::take_renewal(database, *pem, stranger(request), context.services.clock.now());
        if (!made) return made.error();
        id = *made;
        return {};
    });
    if (!taken) return refused(request, context, "enrolment.renewal", *terminal, taken.error());
    return accepted(id, "approved");
}

Response show_enrolment(const Request& request, Context& context) {
    if (!context.strangers.fetching.admits(request.source_ip, context.services.clock.monotonic())) return too_often();
    auto found = store::find_certificate_request(context.reader, request.id);
    if (!found) return error_response(found.error());
    if (!*found) return error_response(404, "not_found", "There is no such request.");
    Record answer{{"id", (*found)->request_id}, {"state", (*found)->state}};
    if ((*found)->reason && (*found)->state == "refused") answer.set("reason", *(*found)->reason);
    if ((*found)->certificate) answer.set("certificate", *(*found)->certificate);
    return json_response(answer);
}

Response list_enrolments(const Request& request, Context& context) {
    const auto state = request.query.find("state");
    for (const auto& [name, value] : request.query)
        if (name != "state") return error_response(400, "bad_input", "query: '" + name + "' is no parameter of this page");
    auto requests = store::list_certificate_requests(context.reader, state == request.query.end() ? "" : state->second, kShownMax);
    if (!requests) return error_response(requests.error());
    List views;
    for (const auto& one : *requests) views.emplace_back(view_of(one));
    return json_response({{"enrolments", std::move(views)}});
}

Response approve_enrolment(const Request& request, Context& context) {
    auto body = read_body(request, {});
    if (!body) return error_response(body.error());
    return decide(request, context, [&](Database& database) {
        return enrolment::approve(database, request.id, person(request, context), context.services.clock.now());
    });
}

Response refuse_enrolment(const Request& request, Context& context) {
    auto body = read_body(request, {"reason"});
    if (!body) return error_response(body.error());
    auto reason = text_field(*body, "reason", kReasonBytesMax);
    if (!reason) return error_response(reason.error());
    return decide(request, context, [&](Database& database) {
        return enrolment::refuse_waiting(database, request.id, *reason, person(request, context), context.services.clock.now());
    });
}

}  // namespace sallyport::api
