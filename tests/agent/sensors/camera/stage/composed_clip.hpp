// SPDX-License-Identifier: Apache-2.0
//
// A clip of a terminal's camera by script, in the manner of ../shared/vision/clips: people are cut-outs that sway, come
// in and leave; the sensor has noise; JPEG at quality 85. The script is the truth the events are held against.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sallyport::camera::stage {

struct Act {
    // onlooker, passer, back, absent, cover_dark, cover_tape, cover_hand, defocus, moved, dim, flash, freeze, loop,
    // poster, slow_defocus, slow_turn
    std::string kind;
    double t0 = 0, t1 = 0;
    double px = 0;          // height of the face; for moved: pixels; for dim and flash: factor; for defocus: sigma
    double x = 0, y = 0;    // where the face's corner is
    int who = 1;            // number of the person
    double rotation = 0;    // moved: degrees
};

struct Script {
    std::string room = "hall";
    double seconds = 60;
    double operator_face = 135;  // height in pixels; 0: nobody sits there
    int operator_who = 0;
    double light = 1;            // of the whole clip
    double noise = 2.2;          // grey levels
    int frames_per_second = 5;
    std::vector<Act> acts;
};

// Writes the clip as JPEGs one after the other.
void compose(const std::filesystem::path& vision, const Script& script, const std::filesystem::path& mjpeg);

}  // namespace sallyport::camera::stage
