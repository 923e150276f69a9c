// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/broker_configuration.hpp"

#include <algorithm>

#include "collector/store/register_repository.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/batch.hpp"
#include "protocol/files.hpp"
#include "protocol/topics.hpp"

namespace sallyport::ctl {
namespace {

constexpr auto kRemembered = "broker-directory";

std::string line(std::string_view key, std::string_view value) { return std::string(key) + " " + std::string(value) + "\n"; }
std::string file_line(std::string_view key, const std::filesystem::path& file) {
    return line(key, std::string_view(std::filesystem::absolute(file).lexically_normal().native()));
}

std::string rights(std::string_view right, const std::string& ori, const std::string& terminal, Channel channel) {
    return "topic " + std::string(right) + " " + to_string(Topic{ori, terminal, channel}) + "\n";
}

Result<void> write_access_list(Database& database, const std::filesystem::path& directory, WallTime now) {
    auto terminals = broker_terminals(database, now);
    if (!terminals)
        return terminals.error();
    return replace_file(directory / "acl", broker_access_list(*terminals), Secrecy::secret);
}

}  // namespace

std::string broker_configuration(const BrokerOptions& options) {
    const auto& pki = options.authority;
    return "# Written by `sallyportctl broker config`; a change here is lost the next time.\n" +
           line("user", options.user) +
           "log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\nlog_timestamp_format %Y-%m-%dT%H:%M:%S\n"
           "\n# The broker is speed, never truth (docs/architecture.md): what it loses, the agents send again.\n"
           "persistence true\n" +
           line("persistence_location", std::filesystem::absolute(options.directory).string() + "/") +
           "autosave_interval 30\n"
           "max_queued_messages 1000000\nmax_queued_bytes 536870912\nmax_inflight_messages 1000\nmemory_limit 1073741824\n" +
           line("message_size_limit", std::to_string(kBatchBytesMax)) +
           line("max_packet_size", std::to_string(kBatchBytesMax + 4096)) +
           "set_tcp_nodelay true\nmax_keepalive 600\nretain_available true\n"
           "\n# Who may come in, and as whom.\n" +
           line("listener", std::to_string(options.port) + " " + options.address) +
           "tls_version tlsv1.3\nciphers_tls1.3 TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256\n" +
           file_line("cafile", pki / "ca.crt") + file_line("crlfile", pki / "crl.pem") +
           file_line("certfile", pki / "broker.crt") + file_line("keyfile", pki / "broker.key") +
           "require_certificate true\nuse_identity_as_username true\nuse_username_as_clientid true\n"
           "allow_anonymous false\n" +
           file_line("acl_file", options.directory / "acl") +
           "\n# Ends sessions whose certificate is revoked or has run out, and rereads both files when they are replaced.\n" +
           file_line("plugin", options.guard) + file_line("plugin_opt_revocations", pki / "crl.pem") +
           file_line("plugin_opt_access", options.directory / "acl");
}

std::string broker_access_list(const std::vector<BrokerTerminal>& terminals) {
    std::string acl =
        "# Written by sallyportctl from the register of terminals; a change here is lost the next time.\n"
        "user collector-receive\n"
        "topic read " + topic_filter(Channel::events) + "\ntopic read " + topic_filter(Channel::status) +
        "\ntopic read $SYS/broker/publish/messages/dropped\n"
        "\nuser collector-send\n"
        "topic write " + topic_filter(Channel::ack) + "\ntopic write " + topic_filter(Channel::config) +
        "\ntopic write sallyport/1/+/head\n"
        // From another host, whether the log is alive (docs/guide-watch.md): its heads, and nothing else.
        "\nuser watch\ntopic read sallyport/1/+/head\n";
    for (const auto& [ori, terminal] : terminals)
        acl += "\nuser " + terminal + "\n" + rights("write", ori, terminal, Channel::events) +
               rights("write", ori, terminal, Channel::status) + rights("read", ori, terminal, Channel::ack) +
               rights("read", ori, terminal, Channel::config);
    return acl;
}

Result<std::vector<BrokerTerminal>> broker_terminals(Database& database, WallTime now) {
    auto entries = store::list_entries(database, "terminals", now, now);
    if (!entries)
        return entries.error();
    std::vector<BrokerTerminal> terminals;
    for (const store::RegisterEntry& entry : *entries) {
        const auto status = text_of(entry.data, "status");
        if (status == "retired" || status == "lost" || status == "stolen")
            continue;
        auto keys = store::keys_of(database, entry.id);
        if (!keys)
            return keys.error();
        const bool revoked = !keys->empty() && std::all_of(keys->begin(), keys->end(), [](const auto& key) {
            return key.revoked_at.has_value();
        });
        if (!revoked)
            terminals.push_back({entry.ori, entry.id});
    }
    return terminals;
}

Result<void> write_broker_configuration(Database& database, const BrokerOptions& options, WallTime now) {
    if (!std::filesystem::exists(options.guard))
        return Error(Errc::io, "broker: " + options.guard.string() + ": the broker's guard is not there; without it a "
                               "revocation would not end a session");
    if (auto done = make_secret_directory(options.directory); !done)
        return done.error().within("broker");
    if (auto done = replace_file(options.directory / "mosquitto.conf", broker_configuration(options), Secrecy::open); !done)
        return done.error().within("broker");
    if (auto done = replace_file(options.authority / kRemembered, std::filesystem::absolute(options.directory).string(),
                               Secrecy::open);
        !done)
        return done.error().within("broker");
    return refresh_broker(database, options.authority, now);
}

Result<void> refresh_broker(Database& database, const std::filesystem::path& authority, WallTime now) {
    if (!std::filesystem::exists(authority / kRemembered))
        return {};
    auto directory = read_file(authority / kRemembered);
    if (!directory)
        return directory.error().within("broker");
    auto done = write_access_list(database, *directory, now);
    return done ? done : Result<void>(done.error().within("broker"));
}

}  // namespace sallyport::ctl
