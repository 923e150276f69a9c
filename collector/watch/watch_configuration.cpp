// SPDX-License-Identifier: Apache-2.0
#include "collector/watch/watch_configuration.hpp"

#include <algorithm>
#include <fstream>

#include "collector/closed_yaml.hpp"
#include "protocol/topics.hpp"

namespace sallyport::watch {
namespace {

using collector::ClosedYaml;

constexpr std::chrono::seconds kStaleAfterMost{300};  // decision 14 asks for 5 minutes; a site may only be stricter

void read_port(ClosedYaml& reader, const YAML::Node& node, int& port) {
    reader.read(node, "port", port, false);
    if (port < 1 || port > 65535) reader.fault(node["port"].Mark(), "'port' must be 1..65535");
}

void read_collector(ClosedYaml& reader, const YAML::Node& node, HttpsTarget& target) {
    if (!reader.check_keys(node, "collector", {"host", "port", "ca"})) return;
    reader.read(node, "host", target.host);
    read_port(reader, node, target.port);
    reader.read(node, "ca", target.ca);
}

void read_broker(ClosedYaml& reader, const YAML::Node& node, MqttOptions& options) {
    if (!reader.check_keys(node, "broker", {"host", "port", "ca", "certificate", "key"})) return;
    reader.read(node, "host", options.host);
    read_port(reader, node, options.port);
    reader.read(node, "ca", options.ca_file);
    reader.read(node, "certificate", options.cert_file);
    reader.read(node, "key", options.key_file);
}

void read_seconds(ClosedYaml& reader, const YAML::Node& root, const char* key, std::chrono::seconds& value,
                  std::chrono::seconds least, std::chrono::seconds most) {
    std::int64_t seconds = value.count();
    reader.read(root, key, seconds, false);
    if (seconds < least.count() || seconds > most.count())
        reader.fault(root[key].Mark(), "'" + std::string(key) + "' must be " + std::to_string(least.count()) + ".." +
                                           std::to_string(most.count()));
    value = std::chrono::seconds(seconds);
}

// It becomes a line of a letter's head and a word of a command.
bool is_mail_address(const std::string& text) {
    return text.find('@') != std::string::npos && text.front() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f && c != ',' && c != ';'; });
}

void read_mail(ClosedYaml& reader, const YAML::Node& node, AlarmWays& ways) {
    if (!reader.check_keys(node, "mail", {"to", "from", "sendmail"})) return;
    reader.read(node, "to", ways.mail_to);
    reader.read(node, "from", ways.mail_from);
    reader.read(node, "sendmail", ways.sendmail, false);
    std::vector<std::string> addresses = ways.mail_to;
    addresses.push_back(ways.mail_from);
    for (const std::string& address : addresses)
        if (!address.empty() && !is_mail_address(address))
            reader.fault(node.Mark(), "'" + address + "' is no mail address");
}

void read_alarm(ClosedYaml& reader, const YAML::Node& node, AlarmWays& ways) {
    if (!reader.check_keys(node, "alarm", {"command", "mail", "syslog"})) return;
    reader.read(node, "command", ways.command, false);
    if (!ways.command.empty() && !std::filesystem::path(ways.command.front()).is_absolute())
        reader.fault(node["command"].Mark(), "'command' must begin with the full path of a program");
    reader.read(node, "syslog", ways.syslog, false);
    if (node["mail"]) read_mail(reader, node["mail"], ways);
    if (ways.command.empty() && ways.mail_to.empty() && !ways.syslog)
        reader.fault(node.Mark(), "no way to raise an alarm is left");
}

void read_all(ClosedYaml& reader, const YAML::Node& root, WatchConfiguration& configuration) {
    if (!reader.check_keys(root, "the file",
                           {"agency", "collector", "broker", "head_key", "state", "stale_after_s", "look_every_s",
                            "repeat_every_s", "alarm"}))
        return;
    for (const char* part : {"agency", "collector", "broker", "alarm"})
        if (!root[part]) reader.fault(root.Mark(), "'" + std::string(part) + "' is missing");
    if (root["agency"] && reader.check_keys(root["agency"], "agency", {"ori"})) {
        reader.read(root["agency"], "ori", configuration.ori);
        if (!is_ori(configuration.ori))
            reader.fault(root["agency"].Mark(), "'ori' must be nine upper-case letters and digits");
    }
    reader.read(root, "head_key", configuration.head_key);
    reader.read(root, "state", configuration.state);
    read_seconds(reader, root, "stale_after_s", configuration.stale_after, std::chrono::seconds(1), kStaleAfterMost);
    read_seconds(reader, root, "look_every_s", configuration.look_every, std::chrono::seconds(1),
                 configuration.stale_after);
    read_seconds(reader, root, "repeat_every_s", configuration.repeat_every, std::chrono::seconds(60),
                 std::chrono::hours(24));
    if (root["collector"]) read_collector(reader, root["collector"], configuration.collector);
    if (root["broker"]) read_broker(reader, root["broker"], configuration.broker);
    if (root["alarm"]) read_alarm(reader, root["alarm"], configuration.alarm);
}

}  // namespace

std::variant<WatchConfiguration, std::vector<std::string>> load_watch_configuration(const std::filesystem::path& file) {
    ClosedYaml reader(file);
    WatchConfiguration configuration;
    configuration.broker.client_id = "watch";
    try {
        std::ifstream in(file);
        if (!in) return std::vector{file.string() + ": cannot be opened"};
        read_all(reader, YAML::Load(in), configuration);
    } catch (const YAML::Exception& failure) {
        reader.fault(failure.mark, failure.msg);
    }
    if (!reader.faults().empty()) return std::move(reader.faults());
    return configuration;
}

}  // namespace sallyport::watch
