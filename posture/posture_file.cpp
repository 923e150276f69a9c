// SPDX-License-Identifier: Apache-2.0
//
// The posture's one file that includes yaml-cpp, which throws: nothing of that leaves it.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include "posture/posture.hpp"
#include "protocol/files.hpp"

namespace sallyport::posture {
namespace {

constexpr std::size_t kFileBytesMax = 64 * 1024;
// What may be set for a model of camera, and how far; sallyport-camera has an option for each.
struct ThresholdRange {
    std::string_view name;
    double min, max;
};
constexpr ThresholdRange kThresholds[] = {{"covered_contrast", 1, 60}, {"blinded_brightness", 128, 254}};
constexpr std::string_view kBootSources[] = {"internal", "usb", "network", "optical"};

bool is_hex4(const std::string& text) {
    return text.size() == 4 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_component(const std::string& text) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+@-";
    return !text.empty() && text.size() <= 64 && text.find_first_not_of(kLetters) == std::string::npos;
}

// Walks one file and collects what is wrong in it.
class Reader {
public:
    explicit Reader(std::string file) : file_(std::move(file)) {}

    [[nodiscard]] Posture read(const YAML::Node& root) {
        Posture posture;
        const std::string kind = text(root, "kind", true);
        posture.example = word(root, "example", "true", "false").value_or(false);
        if (kind == "terminal")
            posture.terminal = read_terminal(root);
        else if (kind == "camera")
            posture.camera = read_camera(root);
        else if (!kind.empty())
            fault(root["kind"], "kind: terminal or camera was expected");
        return posture;
    }
    void fault(const YAML::Mark& mark, const std::string& reason) {
        faults_.push_back(file_ + ":" + std::to_string(mark.line + 1) + ": " + reason);
    }
    void fault(const YAML::Node& node, const std::string& reason) { fault(node.Mark(), reason); }
    [[nodiscard]] std::vector<std::string>& faults() { return faults_; }

private:
    void known_keys(const YAML::Node& map, const std::string& where, std::initializer_list<std::string_view> keys) {
        std::set<std::string> seen;
        for (const auto& entry : map) {
            const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string("?");
            if (std::find(keys.begin(), keys.end(), key) == keys.end()) fault(entry.first, where + key + ": there is no such key");
            if (!seen.insert(key).second) fault(entry.first, where + key + ": given twice");
        }
    }

    // The map under that key; an empty one, and a fault, when it is something else.
    YAML::Node map(const YAML::Node& parent, const std::string& key, bool required) {
        const YAML::Node found = parent[key];
        if (found && found.IsMap()) return found;
        if (found || required) fault(found ? found : parent, key + ": a map was expected");
        return YAML::Node(YAML::NodeType::Map);
    }

    std::string text(const YAML::Node& map, const std::string& key, bool required) {
        const YAML::Node found = map[key];
        if (found && found.IsScalar() && !found.Scalar().empty() && found.Scalar().size() <= 128) return found.Scalar();
        if (found || required) fault(found ? found : map, key + ": a text was expected");
        return {};
    }

    // One text or a list of them.
    std::vector<std::string> texts(const YAML::Node& map, const std::string& key) {
        const YAML::Node found = map[key];
        std::vector<std::string> read;
        if (!found) return read;
        if (found.IsScalar()) return {found.Scalar()};
        for (const auto& item : found)
            if (item.IsScalar() && !item.Scalar().empty() && item.Scalar().size() <= 128)
                read.push_back(item.Scalar());
            else
                fault(item, key + ": a text was expected");
        if (!found.IsSequence() || read.empty()) fault(found, key + ": a text or a list of texts was expected");
        return read;
    }

    std::optional<bool> word(const YAML::Node& map, const std::string& key, std::string_view yes, std::string_view no) {
        const YAML::Node found = map[key];
        if (!found) return std::nullopt;
        if (found.IsScalar() && (found.Scalar() == yes || found.Scalar() == no)) return found.Scalar() == yes;
        fault(found, key + ": " + std::string(yes) + " or " + std::string(no) + " was expected");
        return std::nullopt;
    }

    std::string hex4(const YAML::Node& map, const std::string& key) {
        std::string found = text(map, key, true);
        if (!found.empty() && !is_hex4(found)) fault(map[key], key + ": four hex digits in lower case were expected");
        return found;
    }

    int integer(const YAML::Node& node, const YAML::Node& parent, const std::string& key, int min, int max) {
        int number = 0;
        if (node && node.IsScalar() && YAML::convert<int>::decode(node, number) && number >= min && number <= max) return number;
        fault(node ? node : parent, key + ": a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                                        " was expected");
        return min;
    }

    TerminalPosture read_terminal(const YAML::Node& root) {
        known_keys(root, "", {"kind", "example", "match", "firmware", "secure_boot", "tpm", "boot_sources", "fixed_usb"});
        TerminalPosture terminal;
        const YAML::Node match = map(root, "match", true);
        known_keys(match, "match.", {"manufacturer", "model", "bios_vendor"});
        terminal.manufacturer = texts(match, "manufacturer");
        terminal.model = texts(match, "model");
        terminal.bios_vendor = texts(match, "bios_vendor");
        if (match.size() > 0 && (terminal.manufacturer.empty() || terminal.model.empty()))
            fault(match, "match: manufacturer and model are needed");
        for (const auto& entry : map(root, "firmware", false)) {
            const std::string component = entry.first.as<std::string>("");
            if (!is_component(component)) fault(entry.first, "firmware: '" + component + "' is no component such as bios");
            terminal.firmware[component] = texts(root["firmware"], component);
        }
        terminal.secure_boot = word(root, "secure_boot", "on", "off");
        terminal.tpm = word(root, "tpm", "present", "absent");
        terminal.boot_sources = texts(root, "boot_sources");
        for (const std::string& source : terminal.boot_sources)
            if (std::find(std::begin(kBootSources), std::end(kBootSources), source) == std::end(kBootSources))
                fault(root["boot_sources"], "boot_sources: internal, usb, network or optical was expected");
        read_fixed_usb(root["fixed_usb"], terminal);
        return terminal;
    }

    void read_fixed_usb(const YAML::Node& list, TerminalPosture& terminal) {
        if (!list) return;
        if (!list.IsSequence()) return fault(list, "fixed_usb: a list was expected");
        for (const auto& item : list) {
            if (!item.IsMap()) {
                fault(item, "fixed_usb: a map was expected");
                continue;
            }
            known_keys(item, "fixed_usb.", {"port", "vid", "pid", "what"});
            terminal.fixed_usb.push_back(
                {text(item, "port", true), hex4(item, "vid"), hex4(item, "pid"), text(item, "what", false)});
        }
    }

    CameraPosture read_camera(const YAML::Node& root) {
        known_keys(root, "", {"kind", "example", "match", "orientation", "resolution", "frames_per_second", "thresholds"});
        CameraPosture camera;
        const YAML::Node match = map(root, "match", true);
        known_keys(match, "match.", {"vid", "pid"});
        camera.vid = hex4(match, "vid");
        camera.pid = hex4(match, "pid");
        camera.orientation = text(root, "orientation", true);
        const YAML::Node resolution = root["resolution"];
        if (resolution && resolution.IsSequence() && resolution.size() == 2) {
            camera.width = integer(resolution[0], root, "resolution", 160, 7680);
            camera.height = integer(resolution[1], root, "resolution", 120, 4320);
        } else {
            fault(resolution ? resolution : root, "resolution: [width, height] was expected");
        }
        camera.frames_per_second = integer(root["frames_per_second"], root, "frames_per_second", 1, 30);
        for (const auto& entry : map(root, "thresholds", false)) {
            const std::string name = entry.first.as<std::string>("");
            camera.thresholds[name] = threshold(entry.first, entry.second, name);
        }
        return camera;
    }

    double threshold(const YAML::Node& key, const YAML::Node& node, const std::string& name) {
        const auto* known = std::find_if(std::begin(kThresholds), std::end(kThresholds),
                                         [&](const auto& one) { return one.name == name; });
        double value = 0;
        if (known == std::end(kThresholds))
            fault(key, "thresholds." + name + ": covered_contrast or blinded_brightness was expected");
        else if (!YAML::convert<double>::decode(node, value) || value < known->min || value > known->max)
            fault(node, "thresholds." + name + ": a number from " + std::to_string(static_cast<int>(known->min)) + " to " +
                            std::to_string(static_cast<int>(known->max)) + " was expected");
        return value;
    }

    const std::string file_;
    std::vector<std::string> faults_;
};

bool overlap(const std::vector<std::string>& one, const std::vector<std::string>& other) {
    return one.empty() || other.empty() || std::any_of(one.begin(), one.end(), [&](const std::string& text) {
               return std::find(other.begin(), other.end(), text) != other.end();
           });
}

bool match_the_same(const Posture& one, const Posture& other) {
    if (one.example != other.example) return false;
    if (one.camera && other.camera) return one.camera->vid == other.camera->vid && one.camera->pid == other.camera->pid;
    return one.terminal && other.terminal && overlap(one.terminal->manufacturer, other.terminal->manufacturer) &&
           overlap(one.terminal->model, other.terminal->model) &&
           overlap(one.terminal->bios_vendor, other.terminal->bios_vendor);
}

}  // namespace

LoadedPosture read_posture(std::string_view text, const std::filesystem::path& file) {
    Reader reader(file.string());
    if (text.size() > kFileBytesMax) return {std::nullopt, {file.string() + ": at most 65536 bytes are taken"}};
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        if (!root.IsMap()) return {std::nullopt, {file.string() + ":1: a map was expected"}};
        Posture posture = reader.read(root);
        posture.name = file.stem().string();
        if (!reader.faults().empty()) return {std::nullopt, std::move(reader.faults())};
        return {std::move(posture), {}};
    } catch (const YAML::Exception& exception) {
        reader.fault(exception.mark, exception.msg);
        return {std::nullopt, std::move(reader.faults())};
    }
}

LoadedPostures load_postures(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    std::error_code failed;
    std::vector<fs::path> files;
    if (!fs::is_directory(path, failed)) files.push_back(path);
    for (const auto& entry : fs::directory_iterator(path, failed))
        if (entry.path().extension() == ".yml") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    LoadedPostures all;
    for (const fs::path& file : files) {
        const auto text = read_file(file);
        if (!text) {
            all.faults.push_back(text.error().message());
            continue;
        }
        auto loaded = read_posture(*text, file);
        all.faults.insert(all.faults.end(), loaded.faults.begin(), loaded.faults.end());
        if (!loaded.posture) continue;
        for (const Posture& other : all.postures)
            if (match_the_same(*loaded.posture, other))
                all.faults.push_back(file.string() + ": matches the same as " + other.name + ".yml");
        all.postures.push_back(std::move(*loaded.posture));
    }
    return all;
}

}  // namespace sallyport::posture
