// SPDX-License-Identifier: Apache-2.0
//
// Asks the collector one thing over HTTPS (TLS 1.3), as a stranger would: the server must show a certificate of the
// given CA for the host's name. Implemented over Boost.Beast in beast_client.cpp. Any thread; a call blocks until the
// answer or the time limit.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

#include "protocol/result.hpp"

namespace sallyport::watch {

struct HttpsTarget {
    std::string host;
    int port = 8443;
    std::filesystem::path ca;  // PEM; no other authority is believed
    std::chrono::milliseconds within{10'000};
    std::size_t body_bytes_max = 1 << 20;
};

struct HttpsAnswer {
    int status = 0;
    std::string body;
};

// Errc::unavailable when nobody answers in time, Errc::refused when the certificate is not the collector's, Errc::io
// when the CA file cannot be read.
[[nodiscard]] Result<HttpsAnswer> https_get(const HttpsTarget& target, std::string_view path);

}  // namespace sallyport::watch
