// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/linux_network.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/wireless.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <sstream>

#include "agent/sensors/host/network_facts.hpp"
#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr int kLayersMax = 4;  // a VLAN on a bond on two cards

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::optional<std::string_view> kind_at(const fs::path& root, const std::string& name, int layers) {
    const fs::path link = root / "sys/class/net" / name;
    std::error_code failed;
    const std::string type = read_label(link / "type", 8).value_or("");
    const std::string details = read_bytes(link / "uevent").value_or("");
    const std::string place = place_of(link);
    if (type == "772" || place.empty()) return std::nullopt;  // ARPHRD_LOOPBACK
    if (contains(details, "DEVTYPE=wlan") || fs::exists(link / "wireless", failed)) return "wifi";
    if (contains(details, "DEVTYPE=wwan")) return "cellular";
    if (contains(details, "DEVTYPE=bluetooth")) return "tether";
    if (contains(details, "DEVTYPE=wireguard") || fs::exists(link / "tun_flags", failed) || type == "512" || type == "65534")
        return "vpn";  // ARPHRD_PPP, ARPHRD_NONE
    if (!contains(place, "/devices/virtual/")) {
        const std::string driver = fs::read_symlink(link / "device/driver", failed).filename().string();
        return driver == "rndis_host" || driver == "ipheth" ? "tether" : "wired";
    }
    for (const auto& entry : layers > 0 ? entries(link) : std::vector<fs::path>()) {
        const std::string below = entry.filename().string();
        if (!below.starts_with("lower_")) continue;
        if (const auto kind = kind_at(root, below.substr(6), layers - 1)) return kind;
    }
    return std::nullopt;
}

// In /proc/net/route as eight hex digits in the machine's own order of bytes.
std::map<std::string, std::string> gateways(const fs::path& root) {
    std::map<std::string, std::string> found;
    std::istringstream lines(read_bytes(root / "proc/net/route").value_or(""));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string name, destination, gateway;
        if (!(words >> name >> destination >> gateway) || destination != "00000000" || gateway == "00000000") continue;
        in_addr address{};
        address.s_addr = static_cast<in_addr_t>(std::strtoul(gateway.c_str(), nullptr, 16));
        std::array<char, INET_ADDRSTRLEN> text{};
        if (inet_ntop(AF_INET, &address, text.data(), text.size()) != nullptr) found.try_emplace(name, text.data());
    }
    return found;
}

std::optional<std::string> ssid_of(const std::string& name) {
    std::array<char, IW_ESSID_MAX_SIZE + 1> text{};
    iwreq request{};
    std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
    request.u.essid.pointer = text.data();
    request.u.essid.length = IW_ESSID_MAX_SIZE;
    const int any_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any_socket < 0) return std::nullopt;
    const bool answered = ioctl(any_socket, SIOCGIWESSID, &request) == 0;
    close(any_socket);
    const std::string ssid(text.data(), answered ? std::min<std::size_t>(request.u.essid.length, IW_ESSID_MAX_SIZE) : 0);
    return ssid.empty() ? std::nullopt : std::optional(ssid);
}

struct Address {
    int family = AF_UNSPEC;
    std::string text;
    unsigned prefix = 0;
};

unsigned ones(const void* bytes, std::size_t count) {
    unsigned set = 0;
    for (std::size_t at = 0; at < count; ++at)
        set += static_cast<unsigned>(std::popcount(static_cast<const unsigned char*>(bytes)[at]));
    return set;
}

// Nothing for what is no address of the network: link-local ones every IPv6 card has.
std::optional<Address> address_of(const ifaddrs& entry) {
    if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return std::nullopt;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (entry.ifa_addr->sa_family == AF_INET) {
        const auto* address = reinterpret_cast<const sockaddr_in*>(entry.ifa_addr);
        const auto* mask = reinterpret_cast<const sockaddr_in*>(entry.ifa_netmask);
        inet_ntop(AF_INET, &address->sin_addr, text.data(), text.size());
        return Address{AF_INET, text.data(), ones(&mask->sin_addr, 4)};
    }
    if (entry.ifa_addr->sa_family != AF_INET6) return std::nullopt;
    const auto* address = reinterpret_cast<const sockaddr_in6*>(entry.ifa_addr);
    const auto* mask = reinterpret_cast<const sockaddr_in6*>(entry.ifa_netmask);
    if (IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr)) return std::nullopt;
    inet_ntop(AF_INET6, &address->sin6_addr, text.data(), text.size());
    return Address{AF_INET6, text.data(), ones(&mask->sin6_addr, 16)};
}

class LinuxNetwork final : public NetworkFacts {
public:
    explicit LinuxNetwork(fs::path root) : root_(std::move(root)) {}

    [[nodiscard]] Result<std::vector<NetworkLink>> links() override {
        ifaddrs* first = nullptr;
        if (getifaddrs(&first) != 0) return Error(Errc::io, "network: the addresses cannot be read");
        std::map<std::string, Address> addresses;  // an address of IPv4 goes before one of IPv6
        for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
            const auto address = (entry->ifa_flags & IFF_UP) != 0 ? address_of(*entry) : std::nullopt;
            if (!address) continue;
            Address& known = addresses[entry->ifa_name];
            if (known.family == AF_UNSPEC || (known.family == AF_INET6 && address->family == AF_INET)) known = *address;
        }
        freeifaddrs(first);
        const auto routes = gateways(root_);
        std::vector<NetworkLink> found;
        for (const auto& [name, address] : addresses) {
            const auto kind = link_kind(root_, name);
            if (!kind) continue;
            NetworkLink link{name, *kind, address.text, address.prefix, std::nullopt, std::nullopt};
            if (const auto route = routes.find(name); route != routes.end()) link.gateway = route->second;
            if (*kind == "wifi" && root_ == "/") link.ssid = ssid_of(name);
            found.push_back(std::move(link));
        }
        return found;
    }

private:
    const fs::path root_;
};

}  // namespace

std::optional<std::string_view> link_kind(const fs::path& root, const std::string& name) {
    return kind_at(root, name, kLayersMax);
}

std::string subnet_of(const std::string& address, unsigned prefix) {
    std::array<unsigned char, 16> bytes{};
    const int family = contains(address, ":") ? AF_INET6 : AF_INET;
    const unsigned size = family == AF_INET6 ? 16 : 4;
    if (inet_pton(family, address.c_str(), bytes.data()) != 1 || prefix > size * 8) return {};
    for (unsigned at = 0; at < size; ++at) {
        const unsigned kept = prefix > at * 8 ? std::min(8U, prefix - at * 8) : 0;
        bytes[at] = static_cast<unsigned char>(bytes[at] & (0xff00U >> kept));
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(family, bytes.data(), text.data(), text.size());
    return std::string(text.data()) + "/" + std::to_string(prefix);
}

std::unique_ptr<NetworkFacts> make_linux_network(fs::path root) { return std::make_unique<LinuxNetwork>(std::move(root)); }

}  // namespace sallyport::agent
