// SPDX-License-Identifier: Apache-2.0
#include "protocol/enrolment_token.hpp"

#include <algorithm>

namespace sallyport {
namespace {

constexpr std::size_t kTerminalMax = 64;
constexpr std::size_t kSecretDigits = 32;
constexpr std::size_t kDigestDigits = 64;

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

}  // namespace

std::string to_string(const EnrolmentToken& token) {
    return token.terminal + '.' + token.secret + '.' + token.authority_sha256;
}

Result<EnrolmentToken> parse_enrolment_token(std::string_view text) {
    text = trimmed(text);
    const auto last = text.rfind('.');
    const auto middle = last == std::string_view::npos || last == 0 ? std::string_view::npos : text.rfind('.', last - 1);
    if (middle == std::string_view::npos || middle == 0 || middle > kTerminalMax ||
        !is_hex(text.substr(middle + 1, last - middle - 1), kSecretDigits) || !is_hex(text.substr(last + 1), kDigestDigits))
        return Error(Errc::bad_input, "token: not of the form TERMINAL.SECRET.FINGERPRINT");
    return EnrolmentToken{std::string(text.substr(0, middle)), std::string(text.substr(middle + 1, last - middle - 1)),
                          std::string(text.substr(last + 1))};
}

}  // namespace sallyport
