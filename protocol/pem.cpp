// SPDX-License-Identifier: Apache-2.0
#include "protocol/pem.hpp"

#include <algorithm>

namespace sallyport {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----", kEnd = "-----END CERTIFICATE-----";
constexpr std::size_t kLine = 64;

}  // namespace

Result<std::string> certificate_sha256(std::string_view pem) {
    const auto begin = pem.find(kBegin), end = pem.find(kEnd);
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin)
        return Error(Errc::bad_input, "certificate: no certificate in PEM");
    std::string base64(pem.substr(begin + kBegin.size(), end - begin - kBegin.size()));
    std::erase_if(base64, [](char c) { return c == '\n' || c == '\r'; });
    auto der = from_base64(base64);
    if (!der || der->empty())
        return Error(Errc::bad_input, "certificate: its base64 is malformed");
    return to_hex(sha256(*der));
}

std::string public_key_pem(const PublicKey& key) {
    std::string pem = "-----BEGIN PUBLIC KEY-----\n";
    for (std::string_view rest = key.base64(); !rest.empty(); rest.remove_prefix(std::min(kLine, rest.size())))
        pem += std::string(rest.substr(0, kLine)) + "\n";
    return pem + "-----END PUBLIC KEY-----\n";
}

}  // namespace sallyport
