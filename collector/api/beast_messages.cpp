// SPDX-License-Identifier: Apache-2.0
#include "collector/api/beast_messages.hpp"

namespace sallyport::api {
namespace {

namespace http = boost::beast::http;

// Nothing inline, nothing from elsewhere, nobody frames us; the console needs no device of its user.
constexpr std::pair<const char*, const char*> kSafetyHeaders[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
     "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=()"},
    {"Strict-Transport-Security", "max-age=31536000"},
};

std::string text_of(const http::request<http::string_body>& request, http::field field) {
    return std::string(request[field]);
}

}  // namespace

Result<Request> convert(const http::request<http::string_body>& in, const std::string& source_ip) {
    Request request;
    for (auto field :
         {http::field::host, http::field::origin, http::field::content_type, http::field::cookie})
        if (in.count(field) > 1)
            return Error(Errc::bad_input, "header " + std::string(http::to_string(field)) + ": given twice");
    request.method = std::string(in.method_string());
    request.body = in.body();
    request.content_type = text_of(in, http::field::content_type);
    request.cookie = text_of(in, http::field::cookie);
    request.origin = text_of(in, http::field::origin);
    request.host = text_of(in, http::field::host);
    request.csrf_token = std::string(in["X-CSRF-Token"]);
    request.last_event_id = std::string(in["Last-Event-ID"]);
    request.source_ip = source_ip;
    const std::string target(in.target());
    if (auto read = read_target(target, request); !read) return read.error();
    return request;
}

http::response<http::string_body> convert(Response answer, unsigned version, bool keep_alive, bool head) {
    http::response<http::string_body> out{static_cast<http::status>(answer.status), version};
    for (const auto& [name, value] : kSafetyHeaders)
        out.set(name, value);
    out.set(http::field::content_type, answer.content_type);
    out.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : answer.headers)
        out.set(name, value);
    out.keep_alive(keep_alive);
    out.content_length(answer.body.size());
    if (!head) out.body() = std::move(answer.body);
    return out;
}

std::string stream_header() {
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "Connection: close\r\n";
    for (const auto& [name, value] : kSafetyHeaders)
        text.append(name).append(": ").append(value).append("\r\n");
    return text + "\r\n";
}

std::optional<Response> answer_to(const boost::system::error_code& error) {
    if (error == http::error::body_limit)
        return error_response(413, "too_large", "The body is larger than this server takes.", "body");
    if (error == http::error::header_limit)
        return error_response(431, "too_large", "The header is larger than this server takes.", "header");
    if (error.category() == http::make_error_code(http::error::bad_field).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
        return error_response(400, "bad_request", "Not HTTP: " + error.message(), "request");
    return std::nullopt;
}

}  // namespace sallyport::api
