// SPDX-License-Identifier: Apache-2.0
//
// A USB bus to be played with: real libusb and real udev in another process see devices come and go, nothing
// of the machine is touched.
//
// usage: sallyport-usb-stage [--no-bus] [COMMAND ARGUMENT...]
//
// The first line on stdout is a JSON object: the environment in which a program sees this bus. COMMAND, if
// given, is started in it (its output goes to stderr) and ended with the stage. Then a line of answer (`ok
// ...` or `error ...`) to each line of stdin, until `quit` or its end:
//
//     plug KIND [SERIAL]    stick disk keyboard mouse badusb phone camera network tether; answers the port. A
//                           disk is a stick with block devices: 8:16, its partition 8:17, and on that 254:0,
//                           an unlocked volume
//     plug-hex KIND HEX     the serial's UTF-16LE bytes: what no honest device would send
//     unplug KIND [SERIAL]  as it was plugged
//     replug COUNT KIND [SERIAL]  is taken out and put back as often, as the kernel tells it
//     hold                  the kernel holds what is plugged from now on: without a configuration, until it is authorised
//     bus                   brings the bus, after --no-bus
//     quit                  ends the stage and takes the bus away
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <umockdev.h>
#include <unistd.h>

#include <linux/usbdevice_fs.h>
#include <signal.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>

#include "tests/support/umockdev/under_umockdev.hpp"
#include "tests/support/umockdev/usb_props.hpp"

namespace sallyport::testing {
namespace {

constexpr const char* kBus = "/devices/pci0000:00/0000:00:14.0/usb1";
constexpr int kLastAddress = 127;  // USB 2.0 section 9.4.6; 1 is the bus itself
constexpr std::size_t kSetupBytes = 8;  // USB 2.0 table 9-2
constexpr std::uint8_t kGetDescriptor = 6;
constexpr std::uint8_t kStringType = 3;

// The device's end of /dev/bus/usb/BBB/DDD: answers control transfers for string descriptors. Used by
// umockdev's thread.
class Firmware {
public:
    explicit Firmware(std::map<std::uint8_t, Octets> strings) : strings_(std::move(strings)) {}
    ~Firmware() {
        for (auto* request : finished_)
            umockdev_ioctl_data_unref(request);
    }
    Firmware(const Firmware&) = delete;
    Firmware& operator=(const Firmware&) = delete;

    static gboolean handle(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
        return static_cast<Firmware*>(self)->answer(client) ? TRUE : FALSE;
    }

private:
    // The number of a request is what identifies it; the upper half may carry the sign of an int.
    static constexpr gulong number(unsigned long request) { return request & 0xffffffffUL; }

    bool answer(UMockdevIoctlClient* client) {
        const gulong request = number(umockdev_ioctl_client_get_request(client));
        if (request == number(USBDEVFS_SUBMITURB)) return submit(client);
        if (request == number(USBDEVFS_REAPURB) || request == number(USBDEVFS_REAPURBNDELAY))
            return reap(client);
        if (request != number(USBDEVFS_GET_CAPABILITIES)) return false;
        auto* capabilities = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                                         sizeof(std::uint32_t), nullptr);
        std::uint32_t none = 0;
        umockdev_ioctl_data_update(capabilities, 0, reinterpret_cast<guint8*>(&none), sizeof none);
        umockdev_ioctl_data_unref(capabilities);
        umockdev_ioctl_client_complete(client, 0, 0);
        return true;
    }

    bool submit(UMockdevIoctlClient* client) {
        auto* request = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                                    sizeof(usbdevfs_urb), nullptr);
        usbdevfs_urb urb{};
        std::memcpy(&urb, request->data, sizeof urb);
        auto* buffer = umockdev_ioctl_data_resolve(request, offsetof(usbdevfs_urb, buffer),
                                                   static_cast<gsize>(urb.buffer_length), nullptr);
        urb.status = -EPIPE;  // stalled: what a device does with a question it does not know
        urb.actual_length = 0;
        const auto capacity = static_cast<std::size_t>(urb.buffer_length);
        if (const Octets* text = asked_for(buffer->data, capacity)) {
            const std::size_t size = std::min(text->size(), capacity - kSetupBytes);
            umockdev_ioctl_data_update(buffer, kSetupBytes, const_cast<guint8*>(text->data()),
                                       static_cast<gint>(size));
            urb.status = 0;
            urb.actual_length = static_cast<int>(size);
        }
        put(request, offsetof(usbdevfs_urb, status), urb.status);
        put(request, offsetof(usbdevfs_urb, actual_length), urb.actual_length);
        umockdev_ioctl_data_unref(buffer);
        finished_.push_back(request);
        umockdev_ioctl_client_complete(client, 0, 0);
        return true;
    }

    static void put(UMockdevIoctlData* data, std::size_t offset, int value) {
        umockdev_ioctl_data_update(data, offset, reinterpret_cast<guint8*>(&value), sizeof value);
    }

    [[nodiscard]] const Octets* asked_for(const guint8* setup, std::size_t capacity) const {
        if (capacity < kSetupBytes || setup[1] != kGetDescriptor || setup[3] != kStringType) return nullptr;
        const auto text = strings_.find(setup[2]);
        return text == strings_.end() ? nullptr : &text->second;
    }

    bool reap(UMockdevIoctlClient* client) {
        if (finished_.empty()) {
            umockdev_ioctl_client_complete(client, -1, EAGAIN);
            return true;
        }
        auto* slot =
            umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void*), nullptr);
        umockdev_ioctl_data_set_ptr(slot, 0, finished_.front());
        umockdev_ioctl_data_unref(slot);
        umockdev_ioctl_data_unref(finished_.front());
        finished_.pop_front();
        umockdev_ioctl_client_complete(client, 0, 0);
        return true;
    }

    std::map<std::uint8_t, Octets> strings_;
    std::deque<UMockdevIoctlData*> finished_;
};

std::string hex_of(const Octets& bytes) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

class Stage {
public:
    Stage() : testbed_(umockdev_testbed_new()) {}
    ~Stage() {
        while (!plugged_.empty())
            remove(plugged_.begin());
        g_object_unref(testbed_);
    }
    Stage(const Stage&) = delete;
    Stage& operator=(const Stage&) = delete;

    [[nodiscard]] std::string bus() { return add(kBus, 1, *find_prop("hub"), false); }
    [[nodiscard]] std::string command(const std::string& line);

private:
    struct Plugged {
        std::string path;
        std::string node;
        int port;
        UMockdevIoctlBase* ioctls;
        std::unique_ptr<Firmware> firmware;
    };
    using Plugs = std::multimap<std::string, Plugged>;  // `stick SN-1` -> where it is

    [[nodiscard]] std::string plug(const std::string& kind, const std::string& name, const Octets& serial);
    [[nodiscard]] std::string unplug(const std::string& name);
    [[nodiscard]] std::string replug(int count, const std::string& name);
    [[nodiscard]] std::string add(const std::string& path, int address, const Prop& prop, bool with_serial);
    [[nodiscard]] std::string add_blocks(const std::string& disk);
    [[nodiscard]] std::string add_described(const std::string& text);
    [[nodiscard]] int free_port() const;
    [[nodiscard]] bool is_full() const { return plugged_.size() + 1 >= kLastAddress; }
    void take_next_address();
    void remove(Plugs::iterator at);

    UMockdevTestbed* testbed_;
    Plugs plugged_;
    int address_ = 1;
    bool held_ = false;
};

std::string node_of(int address) {
    std::ostringstream node;
    node << "bus/usb/001/" << (address < 100 ? "0" : "") << (address < 10 ? "0" : "") << address;
    return node.str();
}

// Empty when it is there.
std::string Stage::add(const std::string& path, int address, const Prop& prop, bool with_serial) {
    std::ostringstream text;
    const std::string node = node_of(address);
    text << "P: " << path << "\nN: " << node << "\nE: DEVNAME=/dev/" << node
         << "\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device"
         << "\nE: BUSNUM=001\nE: DEVNUM=" << node.substr(node.size() - 3)
         << "\nE: MAJOR=189\nE: MINOR=" << address - 1 << "\nA: busnum=1\nA: devnum=" << address
         << "\nA: speed=480\nA: authorized=" << (held_ ? 0 : 1) << "\nA: bConfigurationValue=" << (held_ ? "" : "1")
         << "\nH: descriptors=" << hex_of(descriptors_of(prop, with_serial)) << "\n\n";
    return add_described(text.str());
}

std::string Stage::add_described(const std::string& text) {
    GError* failed = nullptr;
    if (umockdev_testbed_add_from_string(testbed_, text.c_str(), &failed)) return {};
    std::string why = failed->message;
    g_error_free(failed);
    return why;
}

// 8 GB, one partition, and what cryptsetup makes of it.
std::string Stage::add_blocks(const std::string& disk) {
    constexpr const char* kMapped = "/devices/virtual/block/dm-0";
    const std::string drive = disk + ":1.0/host0/target0:0:0/0:0:0:0/block/sdb";
    const auto why =
        add_described("P: " + drive +
                      "\nE: DEVNAME=/dev/sdb\nE: SUBSYSTEM=block\nE: DEVTYPE=disk\nE: MAJOR=8\nE: "
                      "MINOR=16\nA: dev=8:16\nA: size=15625001\n\nP: " +
                      drive +
                      "/sdb1\nE: DEVNAME=/dev/sdb1\nE: SUBSYSTEM=block\nE: DEVTYPE=partition\nE: "
                      "MAJOR=8\nE: MINOR=17\nA: dev=8:17\nA: size=15625000\n\nP: " +
                      kMapped +
                      "\nE: DEVNAME=/dev/dm-0\nE: SUBSYSTEM=block\nE: DEVTYPE=disk\nE: "
                      "MAJOR=254\nE: MINOR=0\nA: dev=254:0\nA: size=15592232\nA: "
                      "dm/uuid=CRYPT-LUKS2-0123-luks-1\n\n");
    if (why.empty())
        umockdev_testbed_set_attribute_link(testbed_, ("/sys" + std::string(kMapped)).c_str(), "slaves/sdb1",
                                            ("../../../../.." + drive.substr(8) + "/sdb1").c_str());
    return why;
}

int Stage::free_port() const {
    for (int port = 1;; ++port) {
        const auto taken = [&](const auto& entry) { return entry.second.port == port; };
        if (std::none_of(plugged_.begin(), plugged_.end(), taken)) return port;
    }
}

// As the kernel counts: upwards, round at the last, past those in use. Not to be asked of a full bus.
void Stage::take_next_address() {
    const auto in_use = [&](const auto& entry) { return entry.second.node == "/dev/" + node_of(address_); };
    do {
        address_ = address_ == kLastAddress ? 2 : address_ + 1;
    } while (std::any_of(plugged_.begin(), plugged_.end(), in_use));
}

std::string Stage::plug(const std::string& kind, const std::string& name, const Octets& serial) {
    const Prop* prop = find_prop(kind);
    if (prop == nullptr || kind == "hub") return "error no such kind: " + kind;
    if (is_full()) return "error the bus is full: unplug something first";
    take_next_address();
    Plugged one;
    one.port = free_port();
    one.path = std::string(kBus) + "/1-" + std::to_string(one.port);
    one.node = "/dev/" + node_of(address_);
    one.firmware = std::make_unique<Firmware>(std::map<std::uint8_t, Octets>{
        {0, {4, kStringType, 0x09, 0x04}},
        {kMakerString, string_descriptor(utf16_of("Forbidden Maker"))},
        {kProductString, string_descriptor(utf16_of("Forbidden Product"))},
        {kSerialString, string_descriptor(serial)},
        {kInterfaceString, string_descriptor(utf16_of(prop->interface_name))}});
    one.ioctls = umockdev_ioctl_base_new();
    g_signal_connect(one.ioctls, "handle-ioctl", G_CALLBACK(&Firmware::handle), one.firmware.get());
    GError* failed = nullptr;
    // Before the device is announced: who hears of it may ask at once.
    if (!umockdev_testbed_attach_ioctl(testbed_, one.node.c_str(), one.ioctls, &failed)) {
        const std::string why = failed->message;
        g_error_free(failed);
        return "error " + why;
    }
    if (const auto why = add(one.path, address_, *prop, !serial.empty()); !why.empty()) return "error " + why;
    if (kind == "disk")
        if (const auto why = add_blocks(one.path + "/" + one.path.substr(one.path.rfind('/') + 1));
            !why.empty())
            return "error " + why;
    const std::string port = "1-" + std::to_string(one.port);
    plugged_.emplace(name, std::move(one));
    return "ok " + port;
}

void Stage::remove(Plugs::iterator at) {
    const Plugged& one = at->second;
    umockdev_testbed_uevent(testbed_, ("/sys" + one.path).c_str(), "remove");
    umockdev_testbed_remove_device(testbed_, ("/sys" + one.path).c_str());
    umockdev_testbed_detach_ioctl(testbed_, one.node.c_str(), nullptr);
    g_object_unref(one.ioctls);
    plugged_.erase(at);
}

std::string Stage::unplug(const std::string& name) {
    const auto at = plugged_.find(name);
    if (at == plugged_.end()) return "error not plugged: " + name;
    remove(at);
    return "ok";
}

// The files stay: only the kernel's messages are played, which is what makes ten thousand of them quick.
std::string Stage::replug(int count, const std::string& name) {
    const auto at = plugged_.find(name);
    if (at == plugged_.end()) return "error not plugged: " + name;
    const std::string path = "/sys" + at->second.path;
    for (int time = 0; time < count; ++time)
        for (const char* action : {"remove", "add"})
            umockdev_testbed_uevent(testbed_, path.c_str(), action);
    return "ok";
}

Octets octets_of(const std::string& hex) {
    Octets out;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        out.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
    return out;
}

std::string Stage::command(const std::string& line) {
    std::istringstream words(line);
    std::string verb, kind, serial;
    int count = 0;
    words >> verb;
    if (verb == "replug") words >> count;
    words >> kind >> serial;
    const std::string name = serial.empty() ? kind : kind + " " + serial;
    if (verb == "plug") return plug(kind, name, utf16_of(serial));
    if (verb == "plug-hex") return plug(kind, name, octets_of(serial));
    if (verb == "unplug") return unplug(name);
    if (verb == "replug") return replug(count, name);
    if (verb == "hold") {
        held_ = true;
        return "ok";
    }
    if (verb != "bus") return "error no such command: " + verb;
    const std::string why = bus();
    return why.empty() ? "ok" : "error " + why;
}

int start(char** command) {
    std::cout.flush();
    const int child = fork();
    if (child != 0) return child;
    dup2(STDERR_FILENO, STDOUT_FILENO);
    close(STDIN_FILENO);
    execvp(command[0], command);
    std::cerr << "usb-stage: " << command[0] << ": " << std::strerror(errno) << "\n";
    _exit(127);
}

int end(int child) {
    int status = 0;
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Asked to end: the read of stdin is broken off, and the testbed is cleared away.
void end_on_signal() {
    struct sigaction action {};
    action.sa_handler = [](int) { close(STDIN_FILENO); };
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

int play(int count, char** words) {
    Stage stage;
    int first = 1;
    const bool with_bus = count <= first || std::string_view(words[first]) != "--no-bus";
    if (!with_bus) ++first;
    if (const auto why = with_bus ? stage.bus() : ""; !why.empty()) {
        std::cerr << "usb-stage: " << why << "\n";
        return 3;
    }
    end_on_signal();
    std::cout << R"({"UMOCKDEV_DIR": ")" << std::getenv("UMOCKDEV_DIR") << R"(", "LD_PRELOAD": ")"
              << kUmockdevPreload << "\"}" << std::endl;
    const int child = first < count ? start(words + first) : 0;
    bool over = false;
    for (std::string line; !over && std::getline(std::cin, line);) {
        over = line == "quit";
        std::cout << (over ? "ok" : stage.command(line)) << std::endl;
    }
    return child > 0 ? end(child) : 0;
}

}  // namespace
}  // namespace sallyport::testing

int main(int count, char** words) {
    if (!sallyport::testing::start_again_under_umockdev()) return 3;
    return sallyport::testing::play(count, words);
}
