// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/kernel_files.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = 64 * 1024;
constexpr std::string_view kBlanks = " \t\r";

bool fits_token(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("._:/+@-").find(c) != std::string_view::npos;
}

}  // namespace

std::optional<std::string> read_bytes(const fs::path& file) {
    std::error_code failed;
    if (!fs::exists(file, failed) || fs::is_directory(file, failed)) return std::nullopt;
    std::ifstream in(file, std::ios::binary);
    if (!in) return std::nullopt;
    std::string bytes(kFileBytesMax, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    bytes.shrink_to_fit();
    return bytes;
}

std::optional<std::string> read_tail(const fs::path& file, std::size_t record_bytes, std::size_t records_max) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) return std::nullopt;
    const std::size_t records = static_cast<std::size_t>(in.tellg()) / record_bytes;
    const std::size_t kept = std::min(records, records_max);
    std::string bytes(kept * record_bytes, '\0');
    in.seekg(static_cast<std::streamoff>((records - kept) * record_bytes));
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return bytes;
}

// Firmware is not always so kind; what is no such line is absent, as half a serial would name another machine.
std::optional<std::string> read_label(const fs::path& file, std::size_t longest) {
    auto text = read_bytes(file);
    if (!text) return std::nullopt;
    text->resize(std::min(text->find_first_of(std::string_view("\n\0", 2)), text->size()));
    const auto first = text->find_first_not_of(kBlanks);
    if (first == std::string::npos) return std::nullopt;
    *text = text->substr(first, text->find_last_not_of(kBlanks) - first + 1);
    const bool printable = std::all_of(text->begin(), text->end(), [](char c) { return c >= 0x20 && c < 0x7f; });
    return printable && text->size() <= longest ? text : std::nullopt;
}

std::optional<std::string> read_token(const fs::path& file, std::size_t longest) {
    auto text = read_label(file, longest);
    return text ? as_token(std::move(*text), longest) : std::nullopt;
}

std::optional<std::string> as_token(std::string text, std::size_t longest) {
    if (text.empty() || text.size() > longest) return std::nullopt;
    std::replace_if(text.begin(), text.end(), [](char c) { return !fits_token(c); }, '_');
    return text;
}

std::vector<fs::path> entries(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folder, failed))
        found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
}

std::string place_of(const fs::path& entry) {
    std::error_code failed;
    return fs::canonical(entry, failed).string();
}

}  // namespace sallyport::agent
