// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/printer_identity.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "protocol/crypto.hpp"

namespace sallyport::agent {
namespace {

template <std::size_t N>
bool any_of(const std::array<std::string_view, N>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

constexpr std::array<std::string_view, 12> kNetwork{"ipp",   "ipps", "http", "https", "socket", "lpd",
                                                    "dnssd", "mdns", "snmp", "smb",   "bjnp",   "implicitclass"};
constexpr std::array<std::string_view, 3> kLocal{"usb", "parallel", "serial"};
constexpr std::array<std::string_view, 4> kVirtual{"cups-pdf", "pdf", "cups-brf", "boomaga"};
constexpr std::array<std::string_view, 4> kRedirected{"thnuclnt", "xrdp", "nx", "cups-x2go"};
constexpr int kFirstPortOfIppUsb = 60'000;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

struct Authority {
    std::string host;  // lower case
    int port = 0;      // 0: the scheme's own
};

Authority authority_of(std::string_view after_scheme) {
    if (!after_scheme.starts_with("//")) return {};
    std::string_view text = after_scheme.substr(2);
    text = text.substr(0, text.find('/'));
    if (const auto user = text.rfind('@'); user != std::string_view::npos) text.remove_prefix(user + 1);
    const auto end = text.starts_with('[') ? text.find(']') + 1 : std::min(text.find(':'), text.size());
    Authority found{lower(text.substr(0, end)), 0};
    if (end < text.size() && text[end] == ':')
        std::from_chars(text.data() + end + 1, text.data() + text.size(), found.port);
    return found;
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_printer_node(std::string_view path) {
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return path.starts_with("dev/usb/lp") || path.starts_with("dev/lp");
}

// As Windows names what a remote desktop brings along, and what CUPS makes of it.
bool is_called_redirected(std::string_view queue) {
    const std::string name = lower(queue);
    return name.find("(redirected") != std::string::npos || name.find("_redirected_") != std::string::npos;
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
    const std::string scheme = lower(device_uri.substr(0, colon));
    const auto rest = device_uri.substr(colon + 1);
    if (scheme == "beh") {  // beh:/DONT-DISABLE/ATTEMPTS/DELAY/URI
        const auto options = rest.find('/', rest.find('/', rest.find('/', 1) + 1) + 1);
        return options == std::string_view::npos ? "unknown" : printer_kind(rest.substr(options + 1));
    }
    if (scheme == "file") return is_printer_node(rest) ? "local" : "file";
    if (scheme == "hp") return rest.starts_with("/net/") ? "network" : "local";
    if (any_of(kLocal, scheme) || scheme.ends_with("+usb")) return "local";
    const Authority authority = authority_of(rest);
    if (authority.host == "tsclient") return "redirected";
    if (scheme.starts_with("ipp") && is_this_machine(authority.host))
        return authority.port >= kFirstPortOfIppUsb ? "local" : "unknown";
    if (any_of(kNetwork, scheme)) return "network";
    if (any_of(kVirtual, scheme)) return "virtual";
    return any_of(kRedirected, scheme) ? "redirected" : "unknown";
}

PrinterIdentity identify_printer(std::string_view queue, std::string_view device_uri) {
    PrinterIdentity identity;
    if (is_token(queue)) identity.id = queue;
    const std::string what = device_uri.empty() ? "queue:" + std::string(queue) : std::string(device_uri);
    identity.hash = to_hex(sha256(bytes_of(what)));
    identity.kind = is_called_redirected(queue) ? "redirected" : printer_kind(device_uri);
    return identity;
}

}  // namespace sallyport::agent
