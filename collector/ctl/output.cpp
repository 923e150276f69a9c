// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/output.hpp"

#include <algorithm>
#include <iostream>

#include "collector/registers/cell.hpp"
#include "protocol/json.hpp"

namespace sallyport::ctl {
namespace {

// Text of the outside world must not steer the reader's terminal.
std::string shown(const Value* value) {
    std::string text = value == nullptr || value->is_null() ? std::string() : registers::write_cell(*value);
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return text;
}

}  // namespace

void print_items(const std::vector<std::string>& header, const std::vector<Record>& items, Format format) {
    if (format == Format::json) {
        List list;
        for (const Record& item : items)
            list.emplace_back(item);
        std::cout << write_json(Value(std::move(list))) << '\n';
        return;
    }
    std::vector<std::vector<std::string>> lines{header};
    for (const Record& item : items) {
        auto& line = lines.emplace_back();
        for (const std::string& name : header)
            line.push_back(shown(item.find(name)));
    }
    std::vector<std::size_t> widths(header.size(), 0);
    for (const auto& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    for (const auto& line : lines) {
        std::string out;
        for (std::size_t i = 0; i < line.size(); ++i)
            out += line[i] + (i + 1 < line.size() ? std::string(widths[i] - line[i].size() + 2, ' ') : "");
        std::cout << out << '\n';
    }
}

void print_item(const Record& item, Format format) {
    if (format == Format::json) {
        std::cout << write_json(item) << '\n';
        return;
    }
    for (const auto& [name, value] : item)
        std::cout << name << ": " << shown(&value) << '\n';
}

}  // namespace sallyport::ctl
