// SPDX-License-Identifier: Apache-2.0
//
// The agent's one file that includes yaml-cpp, which throws: nothing of that leaves it.
#include "agent/configuration.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <sstream>

#include "protocol/crypto.hpp"
#include "protocol/envelope.hpp"
#include "protocol/topics.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;

// Walks one file and collects what is wrong in it.
class Reader {
public:
    Reader(std::string file, SensorNames sensors) : file_(std::move(file)), sensors_(sensors) {}

    Configuration read(const YAML::Node& root);
    void fault(const YAML::Mark& mark, const std::string& reason) {
        faults_.push_back({mark.line + 1, file_ + ":" + std::to_string(mark.line + 1) + ": " + reason});
    }
    [[nodiscard]] std::vector<std::string> faults() const;

private:
    struct Fault {
        int line;
        std::string text;
    };

    void known_keys(const YAML::Node& map, const std::string& where, std::span<const std::string_view> keys);
    // The map under that key; an empty one when it is absent (a fault if it is required).
    YAML::Node section(const YAML::Node& parent, const std::string& key, bool required,
                       std::span<const std::string_view> keys);
    YAML::Node section(const YAML::Node& parent, const std::string& key, bool required,
                       std::initializer_list<std::string_view> keys) {
        return section(parent, key, required, std::span(keys.begin(), keys.size()));
    }
    std::optional<std::string> scalar(const YAML::Node& map, const std::string& where, const std::string& key,
                                      bool required);
    std::string text(const YAML::Node& map, const std::string& where, const std::string& key, bool required);
    int integer(const YAML::Node& map, const std::string& where, const std::string& key, bool required, int fallback,
                int min, int max);
    bool flag(const YAML::Node& map, const std::string& where, const std::string& key, bool fallback);
    std::filesystem::path path(const YAML::Node& map, const std::string& where, const std::string& key, bool required);

    void read_broker(const YAML::Node& root, Configuration& into);
    void read_sensors(const YAML::Node& root, Configuration& into);
    void read_camera(const YAML::Node& root, Configuration& into);
    void read_clets_client(const YAML::Node& root, Configuration& into);
    void read_usb(const YAML::Node& root, Configuration& into);

    const std::string file_;
    const SensorNames sensors_;
    std::vector<Fault> faults_;
};

std::string joined(const std::string& where, const std::string& key) { return where.empty() ? key : where + "." + key; }

std::vector<std::string> Reader::faults() const {
    std::vector<Fault> sorted = faults_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) { return a.line < b.line; });
    std::vector<std::string> texts;
    texts.reserve(sorted.size());
    for (const Fault& each : sorted)
        texts.push_back(each.text);
    return texts;
}

void Reader::known_keys(const YAML::Node& map, const std::string& where, std::span<const std::string_view> keys) {
    std::vector<std::string> seen;
    for (const auto& entry : map) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            fault(entry.first.Mark(), joined(where, key) + ": there is no such key");
        if (std::find(seen.begin(), seen.end(), key) != seen.end())
            fault(entry.first.Mark(), joined(where, key) + ": given twice");
        seen.push_back(key);
    }
}

YAML::Node Reader::section(const YAML::Node& parent, const std::string& key, bool required,
                           std::span<const std::string_view> keys) {
    const YAML::Node found = parent[key];
    if (!found) {
        if (required)
            fault(parent.Mark(), key + ": missing");
        return YAML::Node(YAML::NodeType::Map);
    }
    if (!found.IsMap()) {
        fault(found.Mark(), key + ": a map was expected");
        return YAML::Node(YAML::NodeType::Map);
    }
    known_keys(found, key, keys);
    return found;
}

std::optional<std::string> Reader::scalar(const YAML::Node& map, const std::string& where, const std::string& key,
                                          bool required) {
    const YAML::Node found = map[key];
    if (!found || found.IsNull()) {
        // A missing section has been told as a whole.
        if (required && (where.empty() || map.size() > 0))
            fault(found ? found.Mark() : map.Mark(), joined(where, key) + ": missing");
        return std::nullopt;
    }
    if (!found.IsScalar()) {
        fault(found.Mark(), joined(where, key) + ": one value was expected");
        return std::nullopt;
    }
    return found.Scalar();
}

std::string Reader::text(const YAML::Node& map, const std::string& where, const std::string& key, bool required) {
    auto value = scalar(map, where, key, required);
    if (value && value->empty() && required)
        fault(map[key].Mark(), joined(where, key) + ": empty");
    return value.value_or(std::string());
}

std::filesystem::path Reader::path(const YAML::Node& map, const std::string& where, const std::string& key,
                                   bool required) {
    return text(map, where, key, required);
}

int Reader::integer(const YAML::Node& map, const std::string& where, const std::string& key, bool required,
                    int fallback, int min, int max) {
    const auto value = scalar(map, where, key, required);
    if (!value)
        return fallback;
    int number = 0;
    if (!YAML::convert<int>::decode(map[key], number) || number < min || number > max) {
        fault(map[key].Mark(), joined(where, key) + ": a whole number from " + std::to_string(min) + " to " +
                                   std::to_string(max) + " was expected");
        return fallback;
    }
    return number;
}

bool Reader::flag(const YAML::Node& map, const std::string& where, const std::string& key, bool fallback) {
    const auto value = scalar(map, where, key, false);
    if (!value)
        return fallback;
    bool answer = fallback;
    if (!YAML::convert<bool>::decode(map[key], answer))
        fault(map[key].Mark(), joined(where, key) + ": on or off was expected");
    return answer;
}

void Reader::read_broker(const YAML::Node& root, Configuration& into) {
    const YAML::Node broker = section(root, "broker", true, {"host", "port", "ca", "certificate", "key"});
    into.broker.host = text(broker, "broker", "host", true);
    into.broker.port = integer(broker, "broker", "port", false, 8883, 1, 65535);
    into.broker.ca_file = path(broker, "broker", "ca", true);
    into.broker.cert_file = path(broker, "broker", "certificate", true);
    into.broker.key_file = path(broker, "broker", "key", true);
    into.broker.client_id = into.terminal;
}

void Reader::read_sensors(const YAML::Node& root, Configuration& into) {
    std::vector<std::string> found;
    if (root["sensors"] && root["sensors"].IsMap())
        for (const auto& entry : root["sensors"])
            found.push_back(entry.first.Scalar());
    const std::vector<std::string_view> any(found.begin(), found.end());
    const YAML::Node sensors = section(root, "sensors", false, sensors_.value_or(any));
    for (const std::string& name : found)
        into.sensors.said[name] = flag(sensors, "sensors", name, false);
    const YAML::Node print = section(root, "print", false, {"server", "look_every_ms", "spool", "settings"});
    into.print_server = text(print, "print", "server", false);
    // Of a server that is named nobody knows where its files are, nor whether they are here.
    const bool own = into.print_server.empty();
    into.print_spool = print["spool"] || !own ? path(print, "print", "spool", false) : "/var/spool/cups";
    into.print_settings = print["settings"] || !own ? path(print, "print", "settings", false) : "/etc/cups";
    into.print_look_every =
        std::chrono::milliseconds(integer(print, "print", "look_every_ms", false, 800, 200, 60'000));
    into.lock_limit = std::chrono::seconds(
        integer(section(root, "session", false, {"lock_limit_s"}), "session", "lock_limit_s", false, 900, 60, 1800));
}

void Reader::read_camera(const YAML::Node& root, Configuration& into) {
    const YAML::Node camera =
        section(root, "camera", into.sensors.on("camera", false), {"source", "enable_file", "permit", "model", "fps", "program"});
    const bool needed = into.sensors.on("camera", false);
    into.camera.source = text(camera, "camera", "source", needed);
    into.camera.enable_file = path(camera, "camera", "enable_file", needed);
    into.camera.permit = path(camera, "camera", "permit", needed);
    into.camera.model = path(camera, "camera", "model", false);
    into.camera.program = path(camera, "camera", "program", needed);
    into.camera.frames_per_second = integer(camera, "camera", "fps", false, 5, 1, 30);
    const std::string& source = into.camera.source;
    if (!source.empty() && !source.starts_with("v4l2:") && !source.starts_with("mjpeg:") && !source.starts_with("dir:"))
        fault(camera["source"].Mark(), "camera.source: v4l2:/dev/videoN, mjpeg:FILE or dir:FOLDER was expected");
}

// `clets_client: off` says that there is none.
void Reader::read_clets_client(const YAML::Node& root, Configuration& into) {
    if (root["clets_client"] && root["clets_client"].IsScalar()) {
        if (flag(root, {}, "clets_client", false))
            fault(root["clets_client"].Mark(), "clets_client: off, or its executable was expected");
        return;
    }
    const YAML::Node client =
        section(root, "clets_client", false, {"executable", "desktop_id", "mnemonic_file", "mnemonic_pattern"});
    into.clets_client.executable = path(client, "clets_client", "executable", true);
    into.clets_client.desktop_id = text(client, "clets_client", "desktop_id", false);
    into.clets_client.mnemonic_file = path(client, "clets_client", "mnemonic_file", false);
    into.clets_client.mnemonic_pattern = text(client, "clets_client", "mnemonic_pattern", false);
    const bool told = !into.clets_client.mnemonic_file.empty();
    const auto stars = std::count(into.clets_client.mnemonic_pattern.begin(), into.clets_client.mnemonic_pattern.end(), '*');
    if (stars != (told ? 1 : 0))
        fault(client.Mark(), "clets_client: mnemonic_file needs a mnemonic_pattern with one * where it stands, as MNEMONIC=*");
}

void Reader::read_usb(const YAML::Node& root, Configuration& into) {
    const YAML::Node usb = section(root, "usb", false, {"enforce", "policy"});
    const std::string enforce = text(usb, "usb", "enforce", false);
    into.usb.enforce = enforce == "allowlist";
    into.usb.policy = path(usb, "usb", "policy", into.usb.enforce);
    if (!enforce.empty() && enforce != "allowlist" && enforce != "off")
        fault(usb["enforce"].Mark(), "usb.enforce: allowlist or off was expected");
    if (into.usb.enforce && !into.sensors.on("usb", true))
        fault(usb["enforce"].Mark(), "usb.enforce: needs the usb sensor");
}

Configuration Reader::read(const YAML::Node& root) {
    Configuration into;
    constexpr std::string_view kKeys[] = {"terminal", "ori",     "spool",  "broker", "collector_key", "heartbeat_s",     "sensors",
                                          "print",    "session", "camera", "usb",    "clets_client",  "firmware_configs"};
    known_keys(root, {}, kKeys);
    into.terminal = text(root, {}, "terminal", true);
    if (!into.terminal.empty() && !is_terminal_id(into.terminal))
        fault(root["terminal"].Mark(), "terminal: 1 to 64 letters, digits, dots, underscores or hyphens were expected");
    into.ori = text(root, {}, "ori", true);
    if (!into.ori.empty() && !is_ori(into.ori))
        fault(root["ori"].Mark(), "ori: nine letters and digits were expected");
    into.spool = path(root, {}, "spool", true);
    into.collector_key = path(root, {}, "collector_key", true);
    into.heartbeat = std::chrono::seconds(integer(root, {}, "heartbeat_s", false, 60, 1, 3600));
    if (root["firmware_configs"])
        into.firmware_configs = path(root, {}, "firmware_configs", true);
    read_clets_client(root, into);
    read_broker(root, into);
    read_sensors(root, into);
    read_camera(root, into);
    read_usb(root, into);
    return into;
}

}  // namespace

LoadedConfiguration load_configuration(const std::filesystem::path& file, SensorNames sensors) {
    std::ifstream in(file, std::ios::binary);
    if (!in)
        return {std::nullopt, {file.string() + ": cannot be opened"}};
    std::ostringstream content;
    content << in.rdbuf();
    const std::string bytes = content.str();
    if (bytes.size() > kFileBytesMax)
        return {std::nullopt, {file.string() + ": " + std::to_string(bytes.size()) + " bytes, at most 65536 are taken"}};
    Reader reader(file.string(), sensors);
    try {
        const YAML::Node root = YAML::Load(bytes);
        if (!root.IsMap()) {
            reader.fault(YAML::Mark(), "a map was expected");
            return {std::nullopt, reader.faults()};
        }
        Configuration configuration = reader.read(root);
        configuration.sha256 = to_hex(sallyport::sha256(bytes_of(bytes)));
        auto faults = reader.faults();
        if (!faults.empty())
            return {std::nullopt, std::move(faults)};
        return {std::move(configuration), {}};
    } catch (const YAML::Exception& exception) {
        reader.fault(exception.mark, exception.msg);
        return {std::nullopt, reader.faults()};
    }
}

std::vector<std::string> missing_files(const Configuration& configuration) {
    std::vector<std::string> missing;
    const auto look = [&](const std::string& key, const std::filesystem::path& file) {
        if (!std::ifstream(file))
            missing.push_back(key + ": " + file.string() + ": cannot be read");
    };
    look("broker.ca", configuration.broker.ca_file);
    look("broker.certificate", configuration.broker.cert_file);
    look("broker.key", configuration.broker.key_file);
    look("collector_key", configuration.collector_key);
    std::error_code ignored;
    if (!std::filesystem::is_directory(std::filesystem::absolute(configuration.spool).parent_path(), ignored))
        missing.push_back("spool: " + configuration.spool.string() + ": its folder does not exist");
    return missing;
}

}  // namespace sallyport::agent
