// SPDX-License-Identifier: Apache-2.0
#include "agent/enrol/enrolment_talk.hpp"

#include <thread>

#include "agent/enrolment.hpp"
#include "protocol/crypto.hpp"
#include "protocol/files.hpp"
#include "protocol/pem.hpp"

namespace sallyport::agent {
namespace {

constexpr auto kAuthorityPath = "/api/v1/authority";

// A file that is there must say the same; one that is not is written.
Result<void> settle_file(const std::filesystem::path& file, const std::string& content, const std::string& what) {
    if (!std::filesystem::exists(file))
        return replace_file(file, content, Secrecy::open);
    auto known = read_file(file);
    if (!known)
        return known.error();
    return *known == content ? Result<void>() : Error(Errc::conflict, file.string() + " holds another " + what + " than the server's");
}

// What the server says of itself, which anybody could say: only the fingerprint makes it the authority's.
Result<std::string> fetch_authority(const ServerAddress& server, const std::string& fingerprint) {
    auto answer = HttpsClient(server, std::nullopt).get(kAuthorityPath);
    if (!answer)
        return answer.error();
    std::string certificate(text_of(answer->body, "certificate"));
    auto found = certificate_sha256(certificate);
    if (!found)
        return found.error();
    if (*found != fingerprint)
        return Error(Errc::refused, "the server's authority is not the token's: this is another server, or somebody in between");
    return certificate;
}

// The certificate replaces the old one only when it names our key.
Result<void> keep_certificate(const Configuration& configuration, const std::string& pem) {
    std::filesystem::path fresh = configuration.broker.cert_file;
    fresh += ".issued";
    if (auto written = replace_file(fresh, pem, Secrecy::open); !written)
        return written;
    auto named = PublicKey::load_pem(fresh);
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    auto ours = SigningKey::load_pem(configuration.broker.key_file);
    if (!named || !ours)
        return (named ? ours.error() : named.error());
    if (named->base64() != ours->public_key().base64())
        return Error(Errc::refused, "the certificate is for another key");
    return replace_file(configuration.broker.cert_file, pem, Secrecy::open);
}

Result<void> fetch_certificate(const Configuration& configuration, const HttpsClient& server, const std::string& id,
                               const Patience& patience, const Tell& tell) {
    const auto until = std::chrono::steady_clock::now() + patience.whole;
    for (;;) {
        auto answer = server.get("/api/v1/enrolments/" + id);
        if (!answer && !answer.error().retryable())
            return answer.error();
        if (!answer)
            tell(answer.error().message() + "; trying again");
        const auto state = answer ? text_of(answer->body, "state") : std::string_view();
        if (state == "refused")
            return Error(Errc::refused, "refused: " + std::string(text_of(answer->body, "reason")));
        if (state == "issued")
            return keep_certificate(configuration, std::string(text_of(answer->body, "certificate")));
        if (std::chrono::steady_clock::now() + patience.pause > until)
            return Error(Errc::unavailable, "nobody has signed the request yet; run this again");
        std::this_thread::sleep_for(patience.pause);
    }
}

Result<std::string> ask(const Configuration& configuration, const HttpsClient& server, const std::string& path,
                        const std::string& name, const std::string& value, const Tell& tell) {
    auto request_file = prepare_enrolment(configuration);
    if (!request_file)
        return request_file.error();
    auto request = read_file(*request_file);
    auto key = SigningKey::load_pem(configuration.broker.key_file);
    if (!request || !key)
        return (request ? key.error() : request.error());
    auto answer = server.post(path, Record{{name, value}, {"request", *request}});
    if (!answer)
        return answer.error();
    tell("key " + to_hex(sha256(bytes_of(key->public_key().base64()))));
    return std::string(text_of(answer->body, "id"));
}

}  // namespace

Result<void> enrol_with_token(const Configuration& configuration, const EnrolmentToken& token, const ServerAddress& address,
                              const Patience& patience, const Tell& tell) {
    if (token.terminal != configuration.terminal)
        return Error(Errc::bad_input, "the token is for terminal " + token.terminal + ", this is " + configuration.terminal);
    auto authority = fetch_authority(address, token.authority_sha256);
    if (!authority)
        return authority.error();
    if (auto done = settle_file(configuration.broker.ca_file, *authority, "authority"); !done)
        return done;
    const HttpsClient server(address, configuration.broker.ca_file);
    auto papers = server.get(kAuthorityPath);
    if (!papers)
        return papers.error();
    if (auto done = settle_file(configuration.collector_key, std::string(text_of(papers->body, "collector_key")), "collector's key");
        !done)
        return done;
    auto id = ask(configuration, server, "/api/v1/enrolments", "token", to_string(token), tell);
    return id ? fetch_certificate(configuration, server, *id, patience, tell) : id.error();
}

bool renewal_is_due(WallTime not_before, WallTime not_after, WallTime now) {
    return not_after - now < (not_after - not_before) / 3;
}

Result<void> renew(const Configuration& configuration, const ServerAddress& address, const Patience& patience, const Tell& tell) {
    const HttpsClient server(address, configuration.broker.ca_file);
    auto id = ask(configuration, server, "/api/v1/renewals", "terminal", configuration.terminal, tell);
    return id ? fetch_certificate(configuration, server, *id, patience, tell) : id.error();
}

}  // namespace sallyport::agent
