// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/network_watch.hpp"

#include "agent/sensors/host/linux_network.hpp"
#include "protocol/crypto.hpp"
#include "tests/agent/sensors/host/watch_stage.hpp"

namespace sallyport::testing {
namespace {

using agent::NetworkLink;
using agent::link_kind;
using agent::subnet_of;

class ScriptedNetwork final : public agent::NetworkFacts {
public:
    explicit ScriptedNetwork(std::vector<NetworkLink>& links) : links_(links) {}
    Result<std::vector<NetworkLink>> links() override { return links_; }

private:
    std::vector<NetworkLink>& links_;
};

class Network : public WatchStage {
protected:
    Network() { watch_ = agent::make_network_watch(std::make_unique<ScriptedNetwork>(links_)); }

    std::vector<NetworkLink> links_;
    const NetworkLink desk_{"enp3s0", "wired", "192.168.7.23", 24, "192.168.7.1", std::nullopt};
};

TEST_F(Network, GivenADeskWhenItMovesToAnotherNetworkThenItIsToldWithHashesAndWithoutNames) {
    links_ = {desk_};
    ASSERT_TRUE(look());
    const std::string gateway = to_hex(sha256(bytes_of("gateway:192.168.7.1")));
    EXPECT_FALSE(witness_.of("device.network").at(0).occurred_at);
    EXPECT_EQ(told("device.network"), Bodies{R"({"if_type":"wired","ip":"192.168.7.23","subnet":"192.168.7.0/24",)"
                                             R"("gateway_hash":")" + gateway + R"("})"});
    links_ = {desk_, {"wlp2s0", "wifi", "10.0.4.9", 22, std::nullopt, "Somebody's home"}};
    ASSERT_TRUE(look());
    const std::string ssid = to_hex(sha256(bytes_of("ssid:Somebody's home")));
    EXPECT_EQ(witness_.of("device.network").at(0).occurred_at, clock_.now());
    EXPECT_EQ(told("device.network"),
              Bodies{R"({"if_type":"wifi","ip":"10.0.4.9","subnet":"10.0.4.0/22","ssid_hash":")" + ssid + R"("})"});
}

TEST_F(Network, GivenALinkThatGoesDownAndComesBackTheSameThenNothingIsTold) {
    links_ = {desk_};
    ASSERT_TRUE(look());
    told("device.network");
    links_ = {};
    ASSERT_TRUE(look());
    links_ = {desk_};
    ASSERT_TRUE(look());
    EXPECT_EQ(told("device.network"), Bodies{});
}

class LinkKind : public WatchStage {
protected:
    void link(const std::string& name, const std::string& place, const std::string& details, const std::string& type = "1") {
        const std::string device = "sys/devices/" + place + "/net/" + name;
        machine_.write(device + "/type", type + "\n");
        machine_.write(device + "/uevent", details + "\nINTERFACE=" + name + "\n");
        machine_.link("sys/class/net/" + name, device);
    }
    std::string kind(const std::string& name) {
        return std::string(link_kind(machine_.root(), name).value_or("none"));
    }
};

TEST_F(LinkKind, GivenEveryKindOfLinkThenItIsToldByDriverAndType) {
    link("enp3s0", "pci0000:00/0000:03:00.0", "");
    link("wlp2s0", "pci0000:00/0000:02:00.0", "DEVTYPE=wlan");
    link("wwan0", "pci0000:00/usb1/1-4", "DEVTYPE=wwan");
    link("wg0", "virtual", "DEVTYPE=wireguard", "65534");
    link("tun0", "virtual", "", "65534");
    link("ppp0", "virtual", "DEVTYPE=ppp", "512");
    link("bnep0", "pci0000:00/usb1/1-1", "DEVTYPE=bluetooth");
    link("lo", "virtual", "", "772");
    link("docker0", "virtual", "DEVTYPE=bridge");
    link("usb0", "pci0000:00/usb1/1-2", "");
    machine_.link("sys/devices/pci0000:00/usb1/1-2/net/usb0/device/driver", "sys/bus/usb/drivers/rndis_host");
    link("enx0", "pci0000:00/usb1/1-3", "");
    machine_.link("sys/devices/pci0000:00/usb1/1-3/net/enx0/device/driver", "sys/bus/usb/drivers/r8152");
    EXPECT_EQ(kind("enp3s0"), "wired");
    EXPECT_EQ(kind("wlp2s0"), "wifi");
    EXPECT_EQ(kind("wwan0"), "cellular");
    EXPECT_EQ(kind("wg0"), "vpn");
    EXPECT_EQ(kind("tun0"), "vpn");
    EXPECT_EQ(kind("ppp0"), "vpn");
    EXPECT_EQ(kind("bnep0"), "tether");
    EXPECT_EQ(kind("usb0"), "tether");
    EXPECT_EQ(kind("enx0"), "wired") << "an adapter, no phone";
    EXPECT_EQ(kind("lo"), "none");
    EXPECT_EQ(kind("docker0"), "none") << "leads nowhere";
    EXPECT_EQ(kind("gone0"), "none");
}

TEST_F(LinkKind, GivenAVlanOnABondOnACardThenItIsWhatIsBelow) {
    link("wlp2s0", "pci0000:00/0000:02:00.0", "DEVTYPE=wlan");
    link("bond0", "virtual", "DEVTYPE=bond");
    link("bond0.7", "virtual", "DEVTYPE=vlan");
    machine_.write("sys/devices/virtual/net/bond0/lower_wlp2s0", "");
    machine_.write("sys/devices/virtual/net/bond0.7/lower_bond0", "");
    EXPECT_EQ(kind("bond0.7"), "wifi");
}

TEST(Subnet, GivenAddressesThenTheirNetworksAreRight) {
    EXPECT_EQ(subnet_of("192.168.7.23", 24), "192.168.7.0/24");
    EXPECT_EQ(subnet_of("10.0.7.255", 22), "10.0.4.0/22");
    EXPECT_EQ(subnet_of("203.0.113.77", 32), "203.0.113.77/32");
    EXPECT_EQ(subnet_of("2001:db8:1:2:a::9", 64), "2001:db8:1:2::/64");
    EXPECT_EQ(subnet_of("elsewhere", 24), "");
    EXPECT_EQ(subnet_of("10.0.0.1", 33), "");
}

TEST(LinuxNetwork, GivenThisMachineThenItsLinksCarryAddressesAndItsLoopbackIsNone) {
    auto links = agent::make_linux_network()->links();
    ASSERT_TRUE(links);
    for (const NetworkLink& link : *links) {
        EXPECT_NE(link.name, "lo");
        EXPECT_FALSE(subnet_of(link.address, link.prefix).empty()) << link.address;
    }
}

}  // namespace
}  // namespace sallyport::testing
