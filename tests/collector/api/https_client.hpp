// SPDX-License-Identifier: Apache-2.0
//
// A plain HTTPS client over OpenSSL that can also send what no browser would. One connection a request,
// except for live streams and raw talk.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/value.hpp"

namespace sallyport::testing {

struct HttpAnswer {
    int status = 0;  // 0: the server closed without an answer
    std::string head, body;

    [[nodiscard]] Record json() const;
    [[nodiscard]] std::string header(std::string_view name) const;
};

// An open TLS connection.
class TlsConnection {
public:
    // `version_max`: 0, or e.g. TLS1_1_VERSION. is_open() tells whether the handshake succeeded.
    // `ciphers`: the suites offered, of the one version that is then spoken; empty: OpenSSL's.
    explicit TlsConnection(std::uint16_t port, int version_max = 0, const std::string& ciphers = {}, const std::string& groups = {});
    ~TlsConnection();

    [[nodiscard]] bool is_open() const;
    void send(std::string_view bytes);
    // What came until the given text did, the peer closed, or the time was over.
    std::string read_until(std::string_view text, std::chrono::milliseconds within);
    // True when the peer closed within the time.
    bool is_closed_within(std::chrono::milliseconds within);
    // Reads one answer with Content-Length.
    HttpAnswer read_answer(std::chrono::milliseconds within = std::chrono::seconds(10));

private:
    bool read_some(std::chrono::steady_clock::time_point deadline);
    struct Handles;
    std::unique_ptr<Handles> handles_;
    std::string received_;
    bool closed_ = false;
};

// What one browser would do: keeps the cookie and the CSRF token of its log-in.
class HttpsClient {
public:
    explicit HttpsClient(std::uint16_t port) : port_(port) {}

    HttpAnswer get(std::string_view path) { return request("GET", path); }
    HttpAnswer post(std::string_view path, const Record& body) { return request("POST", path, &body); }
    HttpAnswer request(std::string_view method, std::string_view path, const Record* body = nullptr);
    HttpAnswer log_in(std::string_view name, std::string_view password);
    // The live stream, its answer's head not yet read.
    std::unique_ptr<TlsConnection> open_stream(std::string_view last_event_id = {});

    void set_session(std::string cookie, std::string csrf_token);
    // Sent with every request; an empty value leaves it out.
    std::map<std::string, std::string> headers;
    [[nodiscard]] const std::string& cookie() const { return cookie_; }
    [[nodiscard]] const std::string& csrf_token() const { return csrf_token_; }

private:
    [[nodiscard]] std::string head_of(std::string_view method, std::string_view path) const;
    std::uint16_t port_;
    std::string cookie_, csrf_token_;
};

}  // namespace sallyport::testing
