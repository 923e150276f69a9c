// SPDX-License-Identifier: Apache-2.0
//
// A bus that does what no emulated kernel can be made to do: lose messages, fail, send what no descriptor can
// hold.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "agent/sensors/usb/usb_parts.hpp"
#include "agent/sensors/usb/usb_sensor.hpp"

namespace sallyport::testing {

// Shared by the test and the sensor's end of it.
struct BusScript {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::vector<agent::UsbDevice> present;
    std::deque<agent::UsbChange> messages;
    std::vector<agent::UsbMount> mounts;
    std::function<void()> mounts_changed;
    bool fail_wait = false;
    bool fail_mounts = false;
    std::uint64_t dropped = 0;
    std::vector<agent::WriteReading> writes;
    bool woken = false;
    bool waiting = false;
    int waits = 0;

    // As the kernel does it; `silent`: the message is lost.
    void plug(const agent::UsbDevice& device, bool silent = false) {
        const std::lock_guard lock(mutex);
        present.push_back(device);
        if (!silent) messages.push_back({agent::UsbChange::Kind::attached, device.address, device});
        changed.notify_all();
    }
    void unplug(agent::UsbAddress address, bool silent = false) {
        const std::lock_guard lock(mutex);
        std::erase_if(present, [&](const auto& device) { return device.address == address; });
        if (!silent) messages.push_back({agent::UsbChange::Kind::detached, address, {}});
        changed.notify_all();
    }
    void mount(const agent::UsbMount& mount) {
        std::function<void()> tell;
        {
            const std::lock_guard lock(mutex);
            mounts.push_back(mount);
            tell = mounts_changed;
        }
        if (tell) tell();
    }
    // As when the kernel's buffer ran over: so many messages are gone.
    void drop(std::uint64_t count) {
        const std::lock_guard lock(mutex);
        dropped += count;
        woken = true;
        changed.notify_all();
    }
    void write(const agent::WriteReading& reading) {
        const std::lock_guard lock(mutex);
        std::erase_if(writes, [&](const auto& one) { return one.device == reading.device && one.disk == reading.disk; });
        writes.push_back(reading);
    }
    // Until the sensor is asleep in wait().
    void await_sleep() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return waiting && messages.empty() && !woken; });
    }
    void wake() {
        const std::lock_guard lock(mutex);
        woken = true;
        changed.notify_all();
    }
    void fail_once() {
        const std::lock_guard lock(mutex);
        fail_wait = true;
        changed.notify_all();
    }
};

class ScriptedBus final : public agent::UsbBus {
public:
    explicit ScriptedBus(BusScript& script) : script_(script) {}

    Result<void> open() override {
        const std::lock_guard lock(script_.mutex);
        script_.messages.clear();
        script_.dropped = 0;
        return {};
    }
    Result<std::vector<agent::UsbDevice>> devices(const std::vector<agent::UsbDevice>&) override {
        const std::lock_guard lock(script_.mutex);
        return script_.present;
    }
    Result<std::optional<agent::UsbChange>> wait(std::stop_token stop,
                                                 std::chrono::milliseconds pause) override {
        std::unique_lock lock(script_.mutex);
        ++script_.waits;
        script_.waiting = true;
        script_.changed.notify_all();
        script_.changed.wait_for(lock, stop, pause, [this] {
            return !script_.messages.empty() || script_.fail_wait || script_.woken;
        });
        script_.waiting = script_.woken = false;
        if (std::exchange(script_.fail_wait, false)) return Error(Errc::unavailable, "the script says so");
        if (script_.messages.empty()) return std::optional<agent::UsbChange>();
        auto next = std::move(script_.messages.front());
        script_.messages.pop_front();
        return std::optional(std::move(next));
    }
    std::uint64_t dropped() override {
        const std::lock_guard lock(script_.mutex);
        return script_.dropped;
    }
    void wake() override { script_.wake(); }

private:
    BusScript& script_;
};

class ScriptedMounts final : public agent::MountTable {
public:
    explicit ScriptedMounts(BusScript& script) : script_(script) {}

    Result<std::vector<agent::UsbMount>> mounts() override {
        const std::lock_guard lock(script_.mutex);
        if (script_.fail_mounts) return Error(Errc::unavailable, "the script says so");
        return script_.mounts;
    }
    Result<void> watch(std::function<void()> changed) override {
        const std::lock_guard lock(script_.mutex);
        script_.mounts_changed = std::move(changed);
        return {};
    }
    void unwatch() override {
        const std::lock_guard lock(script_.mutex);
        script_.mounts_changed = nullptr;
    }

private:
    BusScript& script_;
};

class ScriptedWrites final : public agent::WriteCounters {
public:
    explicit ScriptedWrites(BusScript& script) : script_(script) {}

    std::vector<agent::WriteReading> read() override {
        const std::lock_guard lock(script_.mutex);
        return script_.writes;
    }

private:
    BusScript& script_;
};

inline agent::UsbParts scripted_parts(BusScript& script) {
    return {std::make_unique<ScriptedBus>(script), std::make_unique<ScriptedMounts>(script),
            std::make_unique<ScriptedWrites>(script)};
}

}  // namespace sallyport::testing
