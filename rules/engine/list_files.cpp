// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/list_files.hpp"

#include <algorithm>
#include <optional>

#include "protocol/files.hpp"
#include "rules/engine/string_pattern.hpp"
#include "rules/engine/text_encoding.hpp"

namespace sallyport::rules {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// What is wrong with a value, as a phrase; nothing: it is one.
std::optional<std::string> why_no_value(std::string_view value) {
    if (value.size() > kListValueBytesMax)
        return "a value is longer than " + std::to_string(kListValueBytesMax) + " bytes";
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(value.begin(), value.end(), is_control)) return "a control character";
    if (!to_utf16(value, Utf16::little_endian)) return "this is no valid UTF-8";
    return std::nullopt;
}

Error fault_at(const std::filesystem::path& file, std::size_t line, const std::string& what) {
    return Error(Errc::bad_input, file.string() + ":" + std::to_string(line) + ": " + what);
}

}  // namespace

bool is_list_name(std::string_view name) {
    const auto pattern = StringPattern::parse_expandable("%" + std::string(name) + "%");
    return pattern.pieces().size() == 1 && pattern.pieces().front().kind == PatternPiece::Kind::placeholder;
}

Result<std::vector<std::string>> read_list(const std::filesystem::path& file) {
    auto read = read_file(file);
    if (!read) return read.error().within("lists");
    std::string_view rest = *read;
    if (rest.size() > kListBytesMax)
        return fault_at(file, 1, "the list is larger than " + std::to_string(kListBytesMax) + " bytes");
    if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
    std::vector<std::string> values;
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view value = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (value.empty() || value.front() == '#') continue;
        if (const auto wrong = why_no_value(value)) return fault_at(file, number, *wrong);
        if (values.size() == kListValuesMax)
            return fault_at(file, number, "more than " + std::to_string(kListValuesMax) + " values");
        values.emplace_back(value);
    }
    return values;
}

Result<NamedLists> read_lists(const ListFiles& files) {
    NamedLists lists;
    for (const auto& [name, file] : files) {
        auto values = read_list(file);
        if (!values) return values.error();
        lists.emplace(name, std::move(*values));
    }
    return lists;
}

}  // namespace sallyport::rules
