// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/host_sensor.hpp"

#include <algorithm>

#include "agent/sensors/host/host_source.hpp"
#include "agent/sensors/host/linux_host_source.hpp"

namespace sallyport::agent {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTryAgain{5 * 60'000};
constexpr MonotonicTime kBeat{60'000};

MonotonicTime later(MonotonicTime now, milliseconds pause) {
    return now + MonotonicTime(static_cast<std::uint64_t>(pause.count()));
}

// At most `pause` ahead, and on the minute where that is near: what looks each minute and what looks each hour then share a
// wake-up.
MonotonicTime next_look(MonotonicTime now, milliseconds pause) {
    const MonotonicTime until = later(now, pause);
    return pause < milliseconds(kBeat.count()) ? until : until - until % kBeat;
}

class HostSensor final : public Sensor {
public:
    HostSensor(HostWatches watches, std::unique_ptr<HostSource> source) : source_(std::move(source)) {
        for (auto& watch : watches)
            places_.push_back({std::move(watch), {}});
    }

    [[nodiscard]] std::string_view name() const override { return "host"; }
    [[nodiscard]] Result<void> run(std::stop_token stop, const SensorContext& context) override;

private:
    struct Place {
        std::unique_ptr<HostWatch> watch;
        MonotonicTime due{};
    };

    void look(Place& place, const SensorContext& context);
    [[nodiscard]] Result<void> prove(const SensorContext& context);
    [[nodiscard]] Result<void> stir(const std::vector<Stir>& stirs, const SensorContext& context);
    [[nodiscard]] milliseconds pause(MonotonicTime now) const;

    std::vector<Place> places_;
    std::unique_ptr<HostSource> source_;
};

Result<void> HostSensor::run(std::stop_token stop, const SensorContext& context) {
    if (auto opened = source_->open(); !opened) return opened.error().within("host");
    for (Place& place : places_)
        place.due = {};
    context.health.report(name(), SensorState::ok, "");
    while (!stop.stop_requested()) {
        const std::stop_token cued = context.drill.next();
        for (Place& place : places_)
            if (place.due <= context.clock.monotonic() && !stop.stop_requested()) look(place, context);
        if (auto proven = prove(context); !proven) return proven.error().within("host");
        auto stirs = source_->wait(EitherStop(stop, cued).token(), pause(context.clock.monotonic()));
        if (!stirs) return stirs.error().within("host");
        if (auto told = stir(*stirs, context); !told) return told.error().within("host");
    }
    return {};
}

void HostSensor::look(Place& place, const SensorContext& context) {
    const auto looked = place.watch->look(context, *source_);
    if (!looked)
        context.health.report(place.watch->name(), SensorState::degraded,
                              looked.error().code() == Errc::unavailable ? "source_unavailable" : "look_failed");
    const milliseconds pause = looked ? place.watch->looks_every() : std::min(kTryAgain, place.watch->looks_every());
    place.due = next_look(context.clock.monotonic(), pause);
}

// What a watch looks at cannot be cued: it looks, and how that ended is its answer.
Result<void> HostSensor::prove(const SensorContext& context) {
    for (Place& place : places_) {
        if (!context.drill.cue(place.watch->name())) continue;
        look(place, context);
        if (auto told = context.drill.looked(place.watch->name()); !told) return told;
    }
    return {};
}

Result<void> HostSensor::stir(const std::vector<Stir>& stirs, const SensorContext& context) {
    const MonotonicTime now = context.clock.monotonic();
    for (const Stir& stir : stirs) {
        const bool missed = stir.kind == Stir::Kind::missed;
        if (missed) {
            Observation gap;
            gap.type = "agent.gap";
            gap.body = {{"sensor", name()}, {"reason", "kernel_buffer_overrun"}};
            gap.occurred_at = context.clock.now();
            if (auto taken = context.sink.take(gap); !taken) return taken;
        }
        for (Place& place : places_)
            if (missed || place.watch->is_stirred_by(stir))
                place.due = std::min(place.due, later(now, place.watch->settles_after()));
    }
    return {};
}

milliseconds HostSensor::pause(MonotonicTime now) const {
    milliseconds longest{3'600'000};
    for (const Place& place : places_)
        longest = std::min(longest, place.due <= now ? milliseconds(0) : milliseconds((place.due - now).count()));
    return longest;
}

}  // namespace

std::unique_ptr<Sensor> make_host_sensor(HostWatches watches) {
    return make_host_sensor(std::move(watches), make_linux_host_source());
}

std::unique_ptr<Sensor> make_host_sensor(HostWatches watches, std::unique_ptr<HostSource> source) {
    return std::make_unique<HostSensor>(std::move(watches), std::move(source));
}

}  // namespace sallyport::agent
