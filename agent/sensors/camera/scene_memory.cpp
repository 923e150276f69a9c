// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/camera/scene_memory.hpp"

#include <filesystem>
#include <fstream>

namespace sallyport::agent {
namespace {

constexpr std::uint32_t kNumberMax = 1'000'000;

}  // namespace

std::optional<camera::SceneNumbers> read_scene(const std::string& file) {
    std::ifstream in(file);
    camera::SceneNumbers scene;
    if (!(in >> scene.mean >> scene.deviation >> scene.sharpness) || scene.mean > kNumberMax ||
        scene.deviation > kNumberMax || scene.sharpness > kNumberMax)
        return std::nullopt;
    return scene;
}

Result<void> write_scene(const std::string& file, const camera::SceneNumbers& scene) {
    const std::string fresh = file + ".new";
    {
        std::ofstream out(fresh, std::ios::trunc);
        out << scene.mean << ' ' << scene.deviation << ' ' << scene.sharpness << '\n';
        if (!out.flush())
            return Error(Errc::io, "camera scene " + fresh + ": cannot be written");
    }
    std::error_code failed;
    std::filesystem::rename(fresh, file, failed);
    return failed ? Result<void>(Error(Errc::io, "camera scene " + file + ": " + failed.message())) : Result<void>();
}

}  // namespace sallyport::agent
