// SPDX-License-Identifier: Apache-2.0
//
// The shipped program, run to its end on recorded pictures.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace sallyport::camera::stage {

inline const std::filesystem::path kVision = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "vision";
inline const std::filesystem::path kModel = kVision / "model" / "face_detection_yunet_2022mar.onnx";

struct Ran {
    int status = -1;
    std::vector<Record> lines;
    std::string text;
};

inline Ran run_program(const std::string& arguments) {
    Ran ran;
    std::FILE* pipe = ::popen((std::string(SALLYPORT_CAMERA) + " " + arguments).c_str(), "r");
    std::array<char, 4096> line{};
    while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
        ran.text += line.data();
        if (auto record = read_json_record(std::string_view(line.data()).substr(0, std::strlen(line.data()) - 1),
                                           JsonLimits{.bytes_max = 65536, .depth_max = 4, .fields_max = 2000}))
            ran.lines.push_back(*record);
    }
    const int status = ::pclose(pipe);
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

using Fits = std::function<bool(const Record&)>;
inline bool tells_onlooker(const Record& line) { return integer_of(line, "onlookers") > 0; }
inline bool tells_absent(const Record& line) {
    return text_of(line, "type") == "camera.presence" && !flag_of(line, "operator_present", true);
}
inline Fits tells_state(std::string_view name) {
    return [name](const Record& line) { return text_of(line, "state") == name; };
}

// Time of the first event of the kind at or after `from`; -1 when there is none before `until`.
inline double first_in(const std::vector<Record>& lines, double from, double until, const Fits& fits) {
    for (const Record& line : lines)
        if (const double t = number_of(line, "t").value(); t >= from && t < until && fits(line))
            return t;
    return -1;
}

}  // namespace sallyport::camera::stage
