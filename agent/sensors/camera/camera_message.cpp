// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/camera_message.hpp"

#include <algorithm>
#include <cmath>

namespace sallyport::camera {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kInput = 9;
constexpr std::uint8_t kPatternWish = 10;
enum Kind : std::uint8_t { kState = 1, kPresence = 2, kScene = 3, kDegraded = 4, kPictureSize = 5, kPattern = 6 };
// Places of the bytes; all not named here are zero.
enum Place : std::size_t { kVersionAt, kKindAt, kStateAt, kFacesAt, kOnlookersAt, kFlagsAt, kConfidenceAt, kNumbersAt = 8 };
enum Flag : std::uint8_t { kOperatorPresent = 1, kNear = 2 };

constexpr std::int64_t kDurationMaxMs = 3'600'000;
constexpr std::int64_t kDurationStepMs = 100;
constexpr std::uint32_t kNumberMax = 1'000'000;
constexpr std::uint32_t kSideMax = 8192;
constexpr int kCountMax = 9;
// What was not found scored below the detector's threshold; a count is never surer than that.
constexpr double kScoreMin = 0.9;

constexpr std::string_view kStateNames[] = {"on", "covered", "blinded", "defocused", "moved",
                                            "frozen", "virtual", "disconnected", "in_use_by_other"};

void put_number(std::span<std::uint8_t> bytes, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

std::uint32_t number_at(std::span<const std::uint8_t> bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
    return value;
}

struct Encoder {
    Message& bytes;
    void operator()(CameraState state) const {
        bytes[kKindAt] = kState;
        bytes[kStateAt] = static_cast<std::uint8_t>(state);
    }
    void operator()(const Presence& presence) const {
        bytes[kKindAt] = kPresence;
        bytes[kFacesAt] = static_cast<std::uint8_t>(std::clamp(presence.faces, 0, kCountMax));
        bytes[kOnlookersAt] = static_cast<std::uint8_t>(std::clamp(presence.onlookers, 0, kCountMax));
        bytes[kFlagsAt] = static_cast<std::uint8_t>((presence.operator_present ? kOperatorPresent : 0) |
                                                    (presence.near ? kNear : 0));
        bytes[kConfidenceAt] = static_cast<std::uint8_t>(std::clamp(presence.confidence_percent, 0, 100));
        const auto duration = std::clamp<std::int64_t>(presence.duration_ms, 0, kDurationMaxMs);
        put_number(bytes, kNumbersAt, static_cast<std::uint32_t>(duration / kDurationStepMs));
    }
    void operator()(const SceneNumbers& scene) const {
        bytes[kKindAt] = kScene;
        put_number(bytes, kNumbersAt, std::min(scene.mean, kNumberMax));
        put_number(bytes, kNumbersAt + 4, std::min(scene.deviation, kNumberMax));
        put_number(bytes, kNumbersAt + 8, std::min(scene.sharpness, kNumberMax));
    }
    void operator()(Degraded) const { bytes[kKindAt] = kDegraded; }
    void operator()(const PictureSize& size) const {
        bytes[kKindAt] = kPictureSize;
        put_number(bytes, kNumbersAt, std::min(size.width, kSideMax));
        put_number(bytes, kNumbersAt + 4, std::min(size.height, kSideMax));
    }
    void operator()(PatternSeen) const { bytes[kKindAt] = kPattern; }
};

Error refused(const char* why) { return Error(Errc::bad_input, std::string("camera message: ") + why); }

Result<Report> decode_state(std::span<const std::uint8_t> bytes) {
    const auto state = bytes[kStateAt];
    if (state < 1 || state > std::size(kStateNames))
        return refused("an unknown state");
    return Report(static_cast<CameraState>(state));
}

Result<Report> decode_presence(std::span<const std::uint8_t> bytes) {
    const std::int64_t tenths = number_at(bytes, kNumbersAt);
    if (bytes[kFacesAt] > kCountMax || bytes[kOnlookersAt] > kCountMax || bytes[kConfidenceAt] > 100 ||
        bytes[kFlagsAt] > (kOperatorPresent | kNear) || tenths > kDurationMaxMs / kDurationStepMs)
        return refused("a number out of its range");
    return Report(Presence{bytes[kFacesAt], (bytes[kFlagsAt] & kOperatorPresent) != 0, bytes[kOnlookersAt],
                           tenths * kDurationStepMs, bytes[kConfidenceAt], (bytes[kFlagsAt] & kNear) != 0});
}

Result<Report> decode_scene(std::span<const std::uint8_t> bytes) {
    const SceneNumbers scene{number_at(bytes, kNumbersAt), number_at(bytes, kNumbersAt + 4),
                             number_at(bytes, kNumbersAt + 8)};
    if (std::max({scene.mean, scene.deviation, scene.sharpness}) > kNumberMax)
        return refused("a number out of its range");
    return Report(scene);
}

Result<Report> decode_size(std::span<const std::uint8_t> bytes) {
    const PictureSize size{number_at(bytes, kNumbersAt), number_at(bytes, kNumbersAt + 4)};
    if (std::min(size.width, size.height) < 1 || std::max(size.width, size.height) > kSideMax)
        return refused("a number out of its range");
    return Report(size);
}

Result<Report> decode_kind(std::span<const std::uint8_t> bytes) {
    switch (bytes[kKindAt]) {
        case kState: return decode_state(bytes);
        case kPresence: return decode_presence(bytes);
        case kScene: return decode_scene(bytes);
        case kDegraded: return Report(Degraded{});
        case kPictureSize: return decode_size(bytes);
        case kPattern: return Report(PatternSeen{});
        default: return refused("an unknown kind");
    }
}

struct Body {
    Record operator()(CameraState state) const {
        return {{"state", name_of(state)}, {"indicator", "unknown"}};
    }
    Record operator()(const Presence& presence) const {
        return {{"faces", presence.faces},
                {"operator_present", presence.operator_present},
                {"onlookers", presence.onlookers},
                {"duration_ms", presence.duration_ms},
                {"confidence", presence.confidence_percent / 100.0},
                {"zone", presence.near ? "near" : "far"},
                {"min_confidence", kScoreMin}};
    }
    Record operator()(const SceneNumbers&) const { return {}; }
    Record operator()(Degraded) const {
        return {{"sensor", "camera"}, {"state", "degraded"}, {"reason", "haar_fallback"}};
    }
    Record operator()(const PictureSize&) const { return {}; }
    Record operator()(PatternSeen) const { return {}; }
};

}  // namespace

std::string_view name_of(CameraState state) { return kStateNames[static_cast<std::size_t>(state) - 1]; }

Message encode(const Report& report) {
    Message bytes{};
    bytes[kVersionAt] = kVersion;
    std::visit(Encoder{bytes}, report);
    return bytes;
}

Result<Report> decode(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != kMessageBytes || bytes[kVersionAt] != kVersion)
        return refused("not 32 bytes of version 1");
    auto report = decode_kind(bytes);
    // One report has one form: no byte beside its fields can carry anything.
    if (report && !std::ranges::equal(encode(*report), bytes))
        return refused("a byte that must be zero is not");
    return report;
}

std::string_view event_type(const Report& report) {
    constexpr std::string_view kTypes[] = {"camera.state", "camera.presence", "", "agent.sensor", "", ""};
    return kTypes[report.index()];
}

Record event_body(const Report& report) { return std::visit(Body{}, report); }

namespace {

Note note_of(std::uint8_t kind, std::uint32_t number) {
    Note bytes{};
    bytes[kVersionAt] = kVersion;
    bytes[kKindAt] = kind;
    put_number(bytes, 4, number);
    return bytes;
}

std::optional<std::uint32_t> number_of_note(std::span<const std::uint8_t> bytes, std::uint8_t kind) {
    if (bytes.size() != kNoteBytes || bytes[kVersionAt] != kVersion || bytes[kKindAt] != kind)
        return std::nullopt;
    return number_at(bytes, 4);
}

}  // namespace

Note encode_input(std::uint32_t tenths_ago) { return note_of(kInput, tenths_ago); }
std::optional<std::uint32_t> decode_input(std::span<const std::uint8_t> bytes) { return number_of_note(bytes, kInput); }
Note encode_pattern_wish(std::uint32_t seconds) { return note_of(kPatternWish, seconds); }
std::optional<std::uint32_t> decode_pattern_wish(std::span<const std::uint8_t> bytes) {
    return number_of_note(bytes, kPatternWish);
}

}  // namespace sallyport::camera
