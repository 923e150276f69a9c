// SPDX-License-Identifier: Apache-2.0
#include "protocol/bytes.hpp"

#include <algorithm>

namespace sallyport {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int index_in(std::string_view alphabet, char c) {
    const auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        text += kHex[byte >> 4];
        text += kHex[byte & 15];
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return Error(Errc::bad_input, "hex: odd number of digits");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = index_in(kHex, text[i]);
        const int low = index_in(kHex, text[i + 1]);
        if (high < 0 || low < 0)
            return Error(Errc::bad_input, "hex: digit " + std::to_string(i) + " is not one of 0-9a-f");
        bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return bytes;
}

Result<Digest> digest_from_hex(std::string_view text) {
    auto bytes = from_hex(text);
    if (!bytes)
        return bytes.error();
    if (bytes->size() != Digest{}.size())
        return Error(Errc::bad_input, "hex: a SHA-256 digest has 64 digits, not " + std::to_string(text.size()));
    Digest digest;
    std::copy(bytes->begin(), bytes->end(), digest.begin());
    return digest;
}

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        const unsigned group = static_cast<unsigned>(bytes[i]) << 16 |
                               (left > 1 ? static_cast<unsigned>(bytes[i + 1]) << 8 : 0U) |
                               (left > 2 ? static_cast<unsigned>(bytes[i + 2]) : 0U);
        text += kBase64[group >> 18];
        text += kBase64[group >> 12 & 63];
        text += left > 1 ? kBase64[group >> 6 & 63] : '=';
        text += left > 2 ? kBase64[group & 63] : '=';
    }
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0)
        return Error(Errc::bad_input, "base64: length is not a multiple of four");
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    unsigned group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pad = i >= text.size() - padding;
        const int digit = pad ? 0 : index_in(kBase64, text[i]);
        if (digit < 0)
            return Error(Errc::bad_input, "base64: character " + std::to_string(i) + " does not belong");
        group = group << 6 | static_cast<unsigned>(digit);
        if (i % 4 == 3) {
            bytes.push_back(static_cast<std::uint8_t>(group >> 16));
            bytes.push_back(static_cast<std::uint8_t>(group >> 8));
            bytes.push_back(static_cast<std::uint8_t>(group));
            group = 0;
        }
    }
    bytes.resize(bytes.size() - padding);
    if (to_base64(bytes) != text)
        return Error(Errc::bad_input, "base64: not the canonical spelling");
    return bytes;
}

void append_framed(Bytes& out, ByteView field) {
    const auto size = static_cast<std::uint32_t>(field.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), field.begin(), field.end());
}

void append_framed(Bytes& out, std::string_view field) { append_framed(out, bytes_of(field)); }

void append_framed(Bytes& out, std::uint64_t number) {
    std::array<std::uint8_t, 8> digits;
    for (std::size_t i = 0; i < digits.size(); ++i)
        digits[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    append_framed(out, ByteView(digits));
}

}  // namespace sallyport
