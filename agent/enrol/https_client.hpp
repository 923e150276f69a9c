// SPDX-License-Identifier: Apache-2.0
//
// The few HTTPS requests of an enrolment: TLS 1.3, JSON both ways, bounded in size and time, no redirect, no proxy.
// Implemented over libcurl in curl_https.cpp, the only file that includes it. Any thread, one request at a time.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "protocol/result.hpp"
#include "protocol/value.hpp"

namespace sallyport::agent {

struct ServerAddress {
    std::string host;
    int port = 8443;
};

struct HttpsAnswer {
    int status = 0;
    Record body;
};

class HttpsClient {
public:
    // `authority`: the PEM file of whoever vouches for the server. Without one the server is not known: only what it
    // says of itself may be asked, and nothing told to it.
    HttpsClient(ServerAddress server, std::optional<std::filesystem::path> authority)
        : server_(std::move(server)), authority_(std::move(authority)) {}

    // Errc::unavailable when the server is not reached or is not who it should be; refused, with the server's sentence,
    // for an answer of 400 and more.
    [[nodiscard]] Result<HttpsAnswer> get(const std::string& path) const { return ask(path, nullptr); }
    [[nodiscard]] Result<HttpsAnswer> post(const std::string& path, const Record& body) const { return ask(path, &body); }

private:
    [[nodiscard]] Result<HttpsAnswer> ask(const std::string& path, const Record* body) const;

    ServerAddress server_;
    std::optional<std::filesystem::path> authority_;
};

}  // namespace sallyport::agent
