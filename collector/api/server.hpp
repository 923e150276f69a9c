// SPDX-License-Identifier: Apache-2.0
//
// The HTTPS server of console and API: TLS 1.3, or 1.2 for a browser that has no better, with AES-GCM and the NIST curves alone
// (CSP SC-13). One thread moves bytes, a few
// others run the handlers, each with a database connection of its own. The only file that knows the HTTP
// library is beast_server.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "collector/api/services.hpp"
#include "protocol/result.hpp"

namespace sallyport::api {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8443;               // 0: any free one, see Server::port()
    std::filesystem::path certificate, key;  // PEM
    std::filesystem::path console;           // folder of the built console
    // Names by which browsers may call us (Host and Origin); the listening address and `localhost` always
    // may.
    std::vector<std::string> host_names;

    std::size_t connections_max = 1000;
    std::size_t connections_per_address_max = 200;  // a whole office may come from one; nobody else is shut out by it
    std::size_t streams_per_account_max = 8;
    std::size_t header_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 64 * 1024;
    std::chrono::milliseconds request_within{15'000};  // handshake, header and body: slow clients are cut off
    std::chrono::milliseconds response_within{30'000};
    std::chrono::milliseconds heartbeat_every{15'000};  // of live streams
    // How often the store is looked at for changes that nobody announced (the command line's, say).
    std::chrono::milliseconds look_every{1'000};
};

class Server {
public:
    // Listening when it returns. Fails when the address, certificate, key or console folder cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<Server>> start(ServerOptions options, Services services);
    virtual ~Server() = default;  // stops

    [[nodiscard]] virtual std::uint16_t port() const = 0;
    // Ends every connection and joins the threads; idempotent.
    virtual void stop() = 0;
};

}  // namespace sallyport::api
