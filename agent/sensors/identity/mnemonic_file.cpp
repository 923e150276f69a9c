// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/identity/mnemonic_file.hpp"

#include <algorithm>
#include <sstream>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

constexpr std::size_t kLongest = 25;  // dictionary section 4

bool is_mnemonic(std::string_view text) {
    return !text.empty() && text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
}

}  // namespace

std::optional<std::string> read_mnemonic(const MnemonicSource& source) {
    const auto star = source.pattern.find('*');
    if (source.file.empty() || star == std::string::npos) return std::nullopt;
    const std::string before = source.pattern.substr(0, star), behind = source.pattern.substr(star + 1);
    std::istringstream lines(read_bytes(source.file).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        line.erase(0, line.find_first_not_of(" \t"));
        if (line.size() < before.size() + behind.size() || !line.starts_with(before) || !line.ends_with(behind)) continue;
        const std::string found = line.substr(before.size(), line.size() - before.size() - behind.size());
        if (is_mnemonic(found)) return found;
    }
    return std::nullopt;
}

}  // namespace sallyport::agent
