// SPDX-License-Identifier: Apache-2.0
//
// Reads a configuration file of closed keys: one that is not known, appears twice, is missing or of another kind is a fault, and
// every fault is collected as `file:line: reason`. For the files that read configurations alone: it names yaml-cpp's types.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "protocol/file_rights.hpp"

namespace sallyport::collector {

class ClosedYaml {
public:
    explicit ClosedYaml(std::filesystem::path file) : file_(std::move(file)) {}

    void fault(const YAML::Mark& mark, const std::string& reason) {
        faults_.push_back(file_.string() + ":" + std::to_string(mark.line + 1) + ": " + reason);
    }

    // A map with these keys and no others, each at most once.
    bool check_keys(const YAML::Node& node, const std::string& name, const std::set<std::string>& keys) {
        if (!node.IsMap()) {
            fault(node.Mark(), name + " must be a map");
            return false;
        }
        std::set<std::string> seen;
        for (const auto& entry : node) {
            const auto key = entry.first.as<std::string>("");
            if (!keys.contains(key))
                fault(entry.first.Mark(), "'" + key + "' is not known in " + name);
            if (!seen.insert(key).second)
                fault(entry.first.Mark(), "'" + key + "' appears twice in " + name);
        }
        return true;
    }

    template <class T>
    void read(const YAML::Node& map, const std::string& key, T& value, bool required = true) {
        const YAML::Node node = map[key];
        if (!node) {
            if (required)
                fault(map.Mark(), "'" + key + "' is missing");
            return;
        }
        try {
            value = node.as<T>();
        } catch (const YAML::Exception&) {
            fault(node.Mark(), "'" + key + "' is not of the right kind");
        }
    }

    void read(const YAML::Node& map, const std::string& key, std::filesystem::path& path) {
        std::string text;
        read(map, key, text);
        // Relative names are relative to the file that says them, not to wherever the program was started.
        if (text.empty())
            return;
        path = configured_path(file_.parent_path(), text);
        if (path.empty())
            fault(map[key].Mark(), "'" + key + "': systemd gave this unit no credentials");
    }

    std::vector<std::string>& faults() { return faults_; }

private:
    std::filesystem::path file_;
    std::vector<std::string> faults_;
};

}  // namespace sallyport::collector
