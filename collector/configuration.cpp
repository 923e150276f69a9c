// SPDX-License-Identifier: Apache-2.0
#include "collector/configuration.hpp"

#include <algorithm>
#include <fstream>

#include "collector/closed_yaml.hpp"
#include "protocol/topics.hpp"

namespace sallyport::collector {
namespace {

void read(ClosedYaml& reader, const YAML::Node& map, const std::string& key, CertificateFiles& files) {
    const YAML::Node node = map[key];
    if (!node)
        reader.fault(map.Mark(), "'" + key + "' is missing");
    else if (reader.check_keys(node, key, {"certificate", "key"})) {
        reader.read(node, "certificate", files.certificate);
        reader.read(node, "key", files.key);
    }
}

void read_broker(ClosedYaml& reader, const YAML::Node& node, Configuration& configuration) {
    if (!reader.check_keys(node, "broker", {"host", "port", "ca", "receive", "send", "probes"}))
        return;
    reader.read(node, "host", configuration.broker_host);
    reader.read(node, "port", configuration.broker_port);
    reader.read(node, "ca", configuration.broker_ca);
    read(reader, node, "receive", configuration.receive);
    read(reader, node, "send", configuration.send);
    configuration.probes = configuration.broker_ca.parent_path() / "probes";
    if (node["probes"])
        reader.read(node, "probes", configuration.probes);
    if (configuration.broker_port < 1 || configuration.broker_port > 65535)
        reader.fault(node["port"].Mark(), "'port' must be 1..65535");
}

void read_https(ClosedYaml& reader, const YAML::Node& node, Configuration& configuration) {
    if (!reader.check_keys(node, "https", {"address", "port", "certificate", "key", "console", "host_names"}))
        return;
    reader.read(node, "address", configuration.https_address, false);
    reader.read(node, "port", configuration.https_port, false);
    reader.read(node, "certificate", configuration.https.certificate);
    reader.read(node, "key", configuration.https.key);
    reader.read(node, "console", configuration.console);
    reader.read(node, "host_names", configuration.host_names, false);
}

// One word each: what has a point in its name is a register's.
void read_lists(ClosedYaml& reader, const YAML::Node& node, Configuration& configuration) {
    if (!node.IsMap())
        return reader.fault(node.Mark(), "rule_lists must be a map of names and files");
    for (const auto& entry : node) {
        const auto name = entry.first.as<std::string>("");
        const bool is_word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        });
        if (!is_word)
            reader.fault(entry.first.Mark(), "'" + name + "' is no name of a list: letters, digits and _");
        else if (configuration.rule_lists.contains(name))
            reader.fault(entry.first.Mark(), "'" + name + "' appears twice in rule_lists");
        else
            reader.read(node, name, configuration.rule_lists[name]);
    }
}

void read_all(ClosedYaml& reader, const YAML::Node& root, Configuration& configuration) {
    if (!reader.check_keys(root, "the file", {"agency", "store", "broker", "signing_key", "rules", "rule_lists", "https", "crypto"}))
        return;
    for (const char* part : {"agency", "broker", "https"})
        if (!root[part])
            reader.fault(root.Mark(), "'" + std::string(part) + "' is missing");
    if (root["agency"] && reader.check_keys(root["agency"], "agency", {"ori", "name"})) {
        reader.read(root["agency"], "ori", configuration.ori);
        reader.read(root["agency"], "name", configuration.agency_name);
        if (!is_ori(configuration.ori))
            reader.fault(root["agency"].Mark(), "'ori' must be nine upper-case letters and digits");
    }
    reader.read(root, "store", configuration.store);
    reader.read(root, "signing_key", configuration.signing_key);
    reader.read(root, "rules", configuration.rules);
    if (root["rule_lists"])
        read_lists(reader, root["rule_lists"], configuration);
    if (root["broker"])
        read_broker(reader, root["broker"], configuration);
    if (root["https"])
        read_https(reader, root["https"], configuration);
    if (root["crypto"] && reader.check_keys(root["crypto"], "crypto", {"provider"})) {
        reader.read(root["crypto"], "provider", configuration.crypto_provider);
        if (configuration.crypto_provider != "default" && configuration.crypto_provider != "fips")
            reader.fault(root["crypto"].Mark(), "'provider' must be default or fips");
    }
}

}  // namespace

std::variant<Configuration, std::vector<std::string>> load_configuration(const std::filesystem::path& file) {
    ClosedYaml reader(file);
    Configuration configuration;
    try {
        std::ifstream in(file);
        if (!in)
            return std::vector{file.string() + ": cannot be opened"};
        read_all(reader, YAML::Load(in), configuration);
    } catch (const YAML::Exception& failure) {
        reader.fault(failure.mark, failure.msg);
    }
    if (!reader.faults().empty())
        return std::move(reader.faults());
    return configuration;
}

}  // namespace sallyport::collector
