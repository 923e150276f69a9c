// SPDX-License-Identifier: Apache-2.0
//
// The collector's configuration: one YAML file with closed keys (docs/guide-operator.md). Every fault is found at once
// and named with file and line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sallyport::collector {

struct CertificateFiles {
    std::filesystem::path certificate, key;  // PEM
};

struct Configuration {
    std::string ori, agency_name;
    std::filesystem::path store;
    std::string broker_host;
    int broker_port = 8883;
    std::filesystem::path broker_ca;
    CertificateFiles receive, send;
    std::filesystem::path probes;  // certificates with which the broker is tried; `probes` beside broker_ca unless named
    std::filesystem::path signing_key;
    std::filesystem::path rules;
    std::map<std::string, std::filesystem::path, std::less<>> rule_lists;  // kept by hand, for `%name%` in rules
    std::string https_address = "127.0.0.1";
    std::uint16_t https_port = 8443;
    CertificateFiles https;
    std::filesystem::path console;
    std::vector<std::string> host_names;
    std::string crypto_provider = "default";  // or fips
};

// Or every fault, each as `file:line: reason`.
[[nodiscard]] std::variant<Configuration, std::vector<std::string>> load_configuration(const std::filesystem::path& file);

}  // namespace sallyport::collector
