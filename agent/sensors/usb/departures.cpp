// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/usb/departures.hpp"

#include <algorithm>

#include "protocol/usb_identity.hpp"


namespace sallyport::agent {

bool is_same_device(const UsbDevice& before, const UsbDevice& now) {
    return before.vid == now.vid && before.pid == now.pid && before.serial == now.serial && before.hub == now.hub &&
           before.interfaces == now.interfaces && (names_one_device(now.serial) || before.port == now.port);
}

void Departures::wake(MonotonicTime now) {
    waking_until_ = now + after_sleep_;
    for (Departure& each : all_)
        each.told_at = std::max(each.told_at, waking_until_);
}

void Departures::add(UsbDevice device, Record body, std::optional<WallTime> at, MonotonicTime now) {
    const auto told_at = std::max<MonotonicTime>(now + window_, waking_until_);
    all_.push_back({std::move(device), std::move(body), at, now, told_at});
}

const Departure* Departures::find_return(const UsbDevice& device) const {
    const auto at = std::find_if(all_.begin(), all_.end(),
                                 [&](const Departure& one) { return is_same_device(one.device, device); });
    return at == all_.end() ? nullptr : &*at;
}

const Departure* Departures::find_due(MonotonicTime now) const {
    const auto at =
        std::find_if(all_.begin(), all_.end(), [&](const Departure& one) { return one.told_at <= now; });
    return at == all_.end() ? nullptr : &*at;
}

void Departures::remove(const Departure& departure) { all_.erase(all_.begin() + (&departure - all_.data())); }

std::optional<MonotonicTime> Departures::next() const {
    std::optional<MonotonicTime> soonest;
    for (const Departure& each : all_)
        soonest = std::min(soonest.value_or(each.told_at), each.told_at);
    return soonest;
}

}  // namespace sallyport::agent
