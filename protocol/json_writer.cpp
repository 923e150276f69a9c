// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "protocol/json.hpp"

namespace sallyport {
namespace {

void write(std::string& out, const Value& value);

template <class Number>
void write_number(std::string& out, Number number) {
    char digits[40];
    auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, failed == std::errc{} ? end : digits);
}

void write(std::string& out, const Record& record) {
    out += '{';
    bool first = true;
    for (const auto& [name, value] : record) {
        if (!first)
            out += ',';
        first = false;
        write_json_string(out, name);
        out += ':';
        write(out, value);
    }
    out += '}';
}

void write(std::string& out, const List& list) {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i > 0)
            out += ',';
        write(out, list[i]);
    }
    out += ']';
}

void write(std::string& out, const Value& value) {
    struct Writer {
        std::string& out;
        void operator()(std::nullptr_t) const { out += "null"; }
        void operator()(bool flag) const { out += flag ? "true" : "false"; }
        void operator()(std::int64_t number) const { write_number(out, number); }
        void operator()(double number) const { write_number(out, number); }
        void operator()(const std::string& text) const { write_json_string(out, text); }
        void operator()(const List& list) const { write(out, list); }
        void operator()(const Record& record) const { write(out, record); }
    };
    std::visit(Writer{out}, value.data);
}

}  // namespace

void write_json_string(std::string& out, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out += '"';
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

std::string write_json(const Value& value) {
    std::string out;
    write(out, value);
    return out;
}

std::string write_json(const Record& record) {
    std::string out;
    write(out, record);
    return out;
}

}  // namespace sallyport
