// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/printer_identity.hpp"

#include <algorithm>
#include <array>

#include "protocol/crypto.hpp"

namespace sallyport::agent {
namespace {

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

constexpr std::array<std::string_view, 10> kNetwork{"ipp", "ipps",  "http", "https", "socket",
                                                    "lpd", "dnssd", "mdns", "snmp",  "smb"};
constexpr std::array<std::string_view, 3> kLocal{"usb", "parallel", "serial"};
constexpr std::array<std::string_view, 3> kVirtual{"cups-pdf", "pdf", "cups-brf"};
constexpr std::array<std::string_view, 3> kRedirected{"thnuclnt", "xrdp", "nx"};

bool on_this_machine(std::string_view after_scheme) {
    if (!after_scheme.starts_with("//")) return false;
    std::string_view host = after_scheme.substr(2);
    host = host.substr(0, host.find('/'));
    if (const auto user = host.rfind('@'); user != std::string_view::npos) host.remove_prefix(user + 1);
    host = host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._:/+@-").find(c) != std::string_view::npos;
    });
}

}  // namespace

std::string_view printer_kind(std::string_view device_uri) {
    const auto colon = device_uri.find(':');
    if (colon == std::string_view::npos) return "unknown";
    std::string scheme(device_uri.substr(0, colon));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto rest = device_uri.substr(colon + 1);
    if (scheme == "file") return "file";
    if (scheme == "hp") return rest.starts_with("/net/") ? "network" : "local";
    if (any_of(kLocal, scheme)) return "local";
    if (scheme.starts_with("ipp") && on_this_machine(rest)) return "local";
    if (any_of(kNetwork, scheme) || scheme == "implicitclass") return "network";
    if (any_of(kVirtual, scheme)) return "virtual";
    return any_of(kRedirected, scheme) ? "redirected" : "unknown";
}

PrinterIdentity identify_printer(std::string_view queue, std::string_view device_uri) {
    PrinterIdentity identity;
    if (is_token(queue)) identity.id = queue;
    const std::string what = device_uri.empty() ? "queue:" + std::string(queue) : std::string(device_uri);
    identity.hash = to_hex(sha256(bytes_of(what)));
    identity.kind = printer_kind(device_uri);
    return identity;
}

}  // namespace sallyport::agent
