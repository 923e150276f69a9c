// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "agent/sensors/camera/camera_process.hpp"
#include "agent/sensors/camera/camera_sensor.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::agent {
namespace {

std::string content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text(4096, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

// A permit that was replaced must not come back: the newest date of issue ever accepted is kept.
bool is_older_than_seen(const CameraOptions& options, const CameraPermit& permit) {
    auto seen = parse_time(content_of(options.seen_file));
    if (seen && permit.issued_at < *seen)
        return true;
    if (!seen || permit.issued_at > *seen)
        std::ofstream(options.seen_file, std::ios::trunc) << format_time(permit.issued_at) << '\n';
    return false;
}

}  // namespace

std::optional<std::string> camera_forbidden(const CameraOptions& options, WallTime now) {
    if (!options.enabled)
        return "not_enabled";
    if (!is_root_made(options.enable_file))
        return "no_enable_file";
    const std::string text = content_of(options.permit_file);
    if (text.empty() || !options.collector_key)
        return "no_permit";
    auto permit = decode_camera_permit(text, *options.collector_key);
    if (!permit)
        return "permit_refused";
    if (permit->terminal != options.terminal)
        return "permit_of_another_terminal";
    if (now < permit->issued_at || now >= permit->expires_at)
        return "permit_expired";
    if (is_older_than_seen(options, *permit))
        return "permit_replaced";
    return std::nullopt;
}

}  // namespace sallyport::agent
