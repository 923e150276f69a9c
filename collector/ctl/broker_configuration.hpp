// SPDX-License-Identifier: Apache-2.0
//
// The configuration under which mosquitto may be used: TLS 1.3 with client certificates, ids forced to the
// certificate's CN, and for each CN the full names of its topics. Contract: docs/formats/uplink.md, packaging/mosquitto.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"

namespace sallyport::ctl {

struct BrokerOptions {
    std::filesystem::path directory;  // mosquitto.conf, acl and persistence
    std::filesystem::path authority;  // ca.crt, crl.pem, broker.crt, broker.key
    std::string address = "127.0.0.1";
    int port = 8883;
    std::filesystem::path guard;  // our plugin (broker/mosquitto_plugin.cpp)
    std::string user;  // what mosquitto becomes when it is started as root
};

struct BrokerTerminal {
    std::string ori, terminal_id;
};

[[nodiscard]] std::string broker_configuration(const BrokerOptions& options);
// What each certificate may write and read. A CN that is not named may do nothing.
[[nodiscard]] std::string broker_access_list(const std::vector<BrokerTerminal>& terminals);

// Registered terminals that are in use: not retired, lost or stolen, and not with every key revoked.
[[nodiscard]] Result<std::vector<BrokerTerminal>> broker_terminals(Database& database, WallTime now);

// Writes both files and remembers the directory beside the authority.
[[nodiscard]] Result<void> write_broker_configuration(Database& database, const BrokerOptions& options, WallTime now);
// Writes the access list anew, and the running broker reads it within a second; does nothing before the first `broker config`.
[[nodiscard]] Result<void> refresh_broker(Database& database, const std::filesystem::path& authority, WallTime now);

}  // namespace sallyport::ctl
