// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/libusb_bus.hpp"

#include <libusb-1.0/libusb.h>

#include <algorithm>
#include <array>
#include <deque>
#include <fstream>
#include <mutex>

#include "agent/sensors/usb/linux_netlink_drops.hpp"
#include "agent/sensors/usb/usb_bus.hpp"

namespace sallyport::agent {
namespace {

constexpr unsigned kStringPatienceMs = 500;
constexpr std::size_t kSysfsBytesMax = 4096;  // a page: what the kernel gives at most
constexpr std::size_t kDescriptorBytesMax = 64 * 1024;  // a configuration tells its length in 16 bits
constexpr int kPortsDeepest = 7;              // USB 3.2 section 8.9
constexpr std::uint8_t kVendorSpecific = 0xff;

struct CloseContext {
    void operator()(libusb_context* context) const { libusb_exit(context); }
};
struct Unreference {
    void operator()(libusb_device* device) const { libusb_unref_device(device); }
};
struct CloseDevice {
    void operator()(libusb_device_handle* handle) const { libusb_close(handle); }
};
struct FreeConfiguration {
    void operator()(libusb_config_descriptor* configuration) const {
        libusb_free_config_descriptor(configuration);
    }
};
using Context = std::unique_ptr<libusb_context, CloseContext>;
using Device = std::unique_ptr<libusb_device, Unreference>;
using Handle = std::unique_ptr<libusb_device_handle, CloseDevice>;
using Configuration = std::unique_ptr<libusb_config_descriptor, FreeConfiguration>;

Error failure(std::string_view where, int code) {
    return Error(Errc::unavailable, "libusb: " + std::string(where) + ": " + libusb_error_name(code));
}

UsbAddress address_of(libusb_device* device) {
    return {libusb_get_bus_number(device), libusb_get_device_address(device)};
}

std::optional<std::string> read_sysfs(const std::string& path) {
    std::ifstream file("/sys/bus/usb/devices/" + path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text(kSysfsBytesMax, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.ends_with('\n')) text.pop_back();
    return text;
}

Bytes read_descriptor_bytes(const std::string& port) {
    std::ifstream file("/sys/bus/usb/devices/" + port + "/descriptors", std::ios::binary);
    Bytes bytes(kDescriptorBytesMax);
    file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

void append_utf8(std::string& out, char32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
        return;
    }
    const int following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    constexpr unsigned char kLead[] = {0, 0xc0, 0xe0, 0xf0};
    out += static_cast<char>(kLead[following] | (point >> (6 * following)));
    for (int left = following - 1; left >= 0; --left)
        out += static_cast<char>(0x80 | ((point >> (6 * left)) & 0x3f));
}

// String descriptors are UTF-16LE (USB 2.0 section 9.6.7). Half a pair becomes U+FFFD.
std::string utf8_of(const unsigned char* bytes, std::size_t size) {
    std::string text;
    const auto unit = [&](std::size_t at) { return static_cast<char32_t>(bytes[at] | (bytes[at + 1] << 8)); };
    for (std::size_t at = 0; at + 1 < size; at += 2) {
        char32_t point = unit(at);
        const bool high = point >= 0xd800 && point < 0xdc00;
        if (high && at + 3 < size && unit(at + 2) >= 0xdc00 && unit(at + 2) < 0xe000) {
            point = 0x10000 + ((point - 0xd800) << 10) + (unit(at + 2) - 0xdc00);
            at += 2;
        } else if (point >= 0xd800 && point < 0xe000) {
            point = 0xfffd;
        }
        append_utf8(text, point);
    }
    return text;
}

// Asks one device for its strings; opened only when the first one is wanted.
class StringReader {
public:
    explicit StringReader(libusb_device* device) : device_(device) {}

    // Empty when the device does not answer.
    [[nodiscard]] std::string read(std::uint8_t index) {
        if (index == 0 || !opened()) return {};
        std::array<unsigned char, 255> answer{};
        const int size = ask(index, language_, answer);
        return size > 2 ? utf8_of(answer.data() + 2, static_cast<std::size_t>(size) - 2) : std::string();
    }

private:
    [[nodiscard]] bool opened() {
        if (tried_) return handle_ != nullptr;
        tried_ = true;
        libusb_device_handle* handle = nullptr;
        if (libusb_open(device_, &handle) != LIBUSB_SUCCESS) return false;
        handle_.reset(handle);
        std::array<unsigned char, 255> languages{};
        if (ask(0, 0, languages) >= 4)
            language_ = static_cast<std::uint16_t>(languages[2] | (languages[3] << 8));
        return true;
    }

    // The bytes that are really a string descriptor, or 0.
    [[nodiscard]] int ask(std::uint8_t index, std::uint16_t language,
                          std::array<unsigned char, 255>& answer) {
        const int size = libusb_control_transfer(
            handle_.get(), LIBUSB_ENDPOINT_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
            static_cast<std::uint16_t>((LIBUSB_DT_STRING << 8) | index), language, answer.data(),
            static_cast<std::uint16_t>(answer.size()), kStringPatienceMs);
        if (size < 2 || answer[1] != LIBUSB_DT_STRING) return 0;
        return std::min<int>(size, answer[0]);
    }

    libusb_device* device_;
    Handle handle_;
    std::uint16_t language_ = 0x0409;
    bool tried_ = false;
};

std::string port_of(libusb_device* device) {
    std::array<std::uint8_t, kPortsDeepest> ports{};
    const int depth = libusb_get_port_numbers(device, ports.data(), static_cast<int>(ports.size()));
    const std::string bus = std::to_string(libusb_get_bus_number(device));
    if (depth <= 0) return "usb" + bus;  // the root hub
    std::string port = bus;
    for (int level = 0; level < depth; ++level)
        port += (level == 0 ? '-' : '.') + std::to_string(ports[static_cast<std::size_t>(level)]);
    return port;
}

// The firmware knows which sockets are inside the case; where it does not say, a person can reach it.
bool is_external(const std::string& port) {
    const auto removable = read_sysfs(port + "/removable");
    if (removable == "fixed") return false;
    if (removable == "removable") return true;
    return read_sysfs(port + "/port/connect_type") != "hardwired";
}

std::string serial_of(std::uint8_t index, const std::string& port, StringReader& strings) {
    if (index == 0) return {};
    if (auto known = read_sysfs(port + "/serial")) return *known;
    return strings.read(index);
}

bool named_mtp(const libusb_interface_descriptor& setting, const std::string& port, int configuration,
               StringReader& strings) {
    if (setting.bInterfaceClass != kVendorSpecific || setting.iInterface == 0) return false;
    const std::string interface =
        port + ":" + std::to_string(configuration) + "." + std::to_string(setting.bInterfaceNumber);
    const auto known = read_sysfs(interface + "/interface");
    return (known ? *known : strings.read(setting.iInterface)).find("MTP") != std::string::npos;
}

std::vector<UsbInterface> interfaces_of(libusb_device* device, int configurations, const std::string& port,
                                        StringReader& strings) {
    std::vector<UsbInterface> found;
    for (int index = 0; index < configurations; ++index) {
        libusb_config_descriptor* raw = nullptr;
        if (libusb_get_config_descriptor(device, static_cast<std::uint8_t>(index), &raw) != LIBUSB_SUCCESS)
            continue;
        const Configuration configuration(raw);
        for (int number = 0; number < raw->bNumInterfaces; ++number) {
            const libusb_interface& interface = raw->interface[number];
            for (int at = 0; at < interface.num_altsetting; ++at) {
                const auto& setting = interface.altsetting[at];
                const UsbInterface one{setting.bInterfaceClass, setting.bInterfaceSubClass,
                                       setting.bInterfaceProtocol,
                                       named_mtp(setting, port, raw->bConfigurationValue, strings)};
                if (std::find(found.begin(), found.end(), one) == found.end()) found.push_back(one);
            }
        }
    }
    return found;
}

bool is_nothing_but_hub(const std::vector<UsbInterface>& interfaces) {
    return std::all_of(interfaces.begin(), interfaces.end(),
                       [](const UsbInterface& one) { return one.type == LIBUSB_CLASS_HUB; });
}

Result<UsbDevice> describe(libusb_device* device) {
    libusb_device_descriptor descriptor{};
    if (const int code = libusb_get_device_descriptor(device, &descriptor); code != LIBUSB_SUCCESS)
        return failure("device descriptor", code);
    UsbDevice found;
    found.address = address_of(device);
    found.vid = descriptor.idVendor;
    found.pid = descriptor.idProduct;
    found.port = port_of(device);
    StringReader strings(device);
    found.external = is_external(found.port);
    found.interfaces = interfaces_of(device, descriptor.bNumConfigurations, found.port, strings);
    found.hub = descriptor.bDeviceClass == LIBUSB_CLASS_HUB && is_nothing_but_hub(found.interfaces);
    found.product = read_sysfs(found.port + "/product").value_or("");
    found.connect_type = read_sysfs(found.port + "/port/connect_type").value_or("");
    found.descriptors = read_descriptor_bytes(found.port);
    if (!found.hub) found.serial = serial_of(descriptor.iSerialNumber, found.port, strings);
    return found;
}

class LibusbBus final : public UsbBus {
public:
    ~LibusbBus() override { close(); }

    [[nodiscard]] Result<void> open() override;
    [[nodiscard]] Result<std::vector<UsbDevice>> devices(const std::vector<UsbDevice>& known) override;
    [[nodiscard]] Result<std::optional<UsbChange>> wait(std::stop_token stop,
                                                        std::chrono::milliseconds pause) override;
    [[nodiscard]] std::uint64_t dropped() override;
    void wake() override;

private:
    struct Queued {
        UsbChange::Kind kind;
        Device device;
    };

    static int LIBUSB_CALL changed(libusb_context*, libusb_device* device, libusb_hotplug_event event,
                                   void* self);
    [[nodiscard]] Result<std::optional<UsbChange>> take();
    void close();

    std::mutex context_mutex_;  // wake() against open()
    Context context_;
    std::deque<Queued> queue_;
    std::uint64_t dropped_before_ = 0;  // by sockets of this process that are not this bus's
};

Result<void> LibusbBus::open() {
    close();
    dropped_before_ = uevent_drops();
    libusb_context* raw = nullptr;
    if (const int code = libusb_init(&raw); code != LIBUSB_SUCCESS) return failure("init", code);
    Context fresh(raw);
    const int code = libusb_hotplug_register_callback(
        raw, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT, 0,
        LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, &LibusbBus::changed,
        this, nullptr);
    if (code != LIBUSB_SUCCESS) return failure("hotplug", code);
    const std::lock_guard lock(context_mutex_);
    context_ = std::move(fresh);
    return {};
}

void LibusbBus::close() {
    queue_.clear();  // its devices belong to the context
    const std::lock_guard lock(context_mutex_);
    context_.reset();
}

// A context of its own makes libusb read the whole bus again; the listening one goes on undisturbed.
Result<std::vector<UsbDevice>> LibusbBus::devices(const std::vector<UsbDevice>& known) {
    libusb_context* raw = nullptr;
    if (const int code = libusb_init(&raw); code != LIBUSB_SUCCESS) return failure("init", code);
    const Context listing(raw);
    libusb_device** list = nullptr;
    const auto count = libusb_get_device_list(raw, &list);
    if (count < 0) return failure("device list", static_cast<int>(count));
    std::vector<UsbDevice> found;
    for (auto at = list; at != list + count; ++at) {
        const auto same = [&](const UsbDevice& other) {
            return other.address == address_of(*at) && other.port == port_of(*at);
        };
        const auto before = std::find_if(known.begin(), known.end(), same);
        if (before != known.end()) {
            found.push_back(*before);
        } else if (auto device = describe(*at)) {
            found.push_back(std::move(*device));
        }
    }
    libusb_free_device_list(list, 1);
    return found;
}

// Called by libusb while it handles its events: no transfer may be made here, so the device is only put
// aside.
int LIBUSB_CALL LibusbBus::changed(libusb_context*, libusb_device* device, libusb_hotplug_event event,
                                   void* self) {
    const auto kind =
        event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? UsbChange::Kind::attached : UsbChange::Kind::detached;
    static_cast<LibusbBus*>(self)->queue_.push_back({kind, Device(libusb_ref_device(device))});
    return 0;
}

Result<std::optional<UsbChange>> LibusbBus::take() {
    if (queue_.empty()) return std::optional<UsbChange>();
    const Queued next = std::move(queue_.front());
    queue_.pop_front();
    UsbChange change{next.kind, address_of(next.device.get()), {}};
    if (next.kind == UsbChange::Kind::attached) {
        auto device = describe(next.device.get());
        if (!device) return device.error();
        change.device = std::move(*device);
    }
    return std::optional(std::move(change));
}

Result<std::optional<UsbChange>> LibusbBus::wait(std::stop_token stop, std::chrono::milliseconds pause) {
    const std::stop_callback wake_up(stop, [this] { wake(); });
    if (queue_.empty() && !stop.stop_requested()) {
        timeval patience{};
        patience.tv_sec = pause.count() / 1000;
        patience.tv_usec = (pause.count() % 1000) * 1000;
        const int code = libusb_handle_events_timeout_completed(context_.get(), &patience, nullptr);
        if (code != LIBUSB_SUCCESS && code != LIBUSB_ERROR_INTERRUPTED) return failure("events", code);
    }
    return take();
}

std::uint64_t LibusbBus::dropped() {
    const std::uint64_t dropped = uevent_drops();
    return dropped > dropped_before_ ? dropped - dropped_before_ : 0;
}

void LibusbBus::wake() {
    const std::lock_guard lock(context_mutex_);
    if (context_) libusb_interrupt_event_handler(context_.get());
}

}  // namespace

std::unique_ptr<UsbBus> make_libusb_bus() {
    return std::make_unique<LibusbBus>();
}

}  // namespace sallyport::agent
