// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fstream>
#include <string>

#include "agent/service/service_memory.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    return failure == std::errc() && end != text.data() ? std::optional(number) : std::nullopt;
}

// The one line `0::/system.slice/sallyport-agent.service` of version 2.
fs::path cgroup_folder(const fs::path& root) {
    std::ifstream lines(root / "proc/self/cgroup");
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("0::/"))
            return root / "sys/fs/cgroup" / line.substr(4);
    return {};
}

std::optional<std::uint64_t> number_of(const fs::path& file) {
    std::ifstream stream(file);
    std::string line;
    return std::getline(stream, line) ? number_in(line) : std::nullopt;
}

// Of memory.stat: file pages that nobody needs go before anybody is killed.
std::uint64_t inactive_files(const fs::path& file) {
    constexpr std::string_view kName = "inactive_file ";
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(kName))
            return number_in(std::string_view(line).substr(kName.size())).value_or(0);
    return 0;
}

}  // namespace

std::optional<MemoryUse> service_memory(const fs::path& root) {
    const fs::path folder = cgroup_folder(root);
    const auto used = number_of(folder / "memory.current");
    const auto limit = number_of(folder / "memory.max");  // `max`: none
    if (!used || !limit || *limit == 0)
        return std::nullopt;
    const std::uint64_t reclaimable = std::min(inactive_files(folder / "memory.stat"), *used);
    return MemoryUse{*used - reclaimable, *limit};
}

}  // namespace sallyport::agent
