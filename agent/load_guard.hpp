// SPDX-License-Identifier: Apache-2.0
//
// What the agent gives up, and in which order, before the kernel kills it for its memory (anchors.md C2: shed load before
// dying, and say which limit). One step a look, so that each can show its effect before the next is taken:
//
//   from 60 % of the limit   free memory and text go back to the system, at every look
//   from 75 %                the camera rests: the largest process, and its samples count least; `load_shed` says so
//   from 90 %                the agent ends in order and is started anew: nothing is lost, the spool has it
//
// Identity, USB, print and session are never given up. The camera goes on once less than half has been in use for ten
// looks in a row. Pure; one thread.
#pragma once

#include "agent/service/service_memory.hpp"

namespace sallyport::agent {

enum class LoadStep { none, give_memory_back, rest_camera, let_camera_go_on, start_anew };

class LoadGuard {
public:
    // What is to be done now.
    [[nodiscard]] LoadStep judge(const MemoryUse& memory);

private:
    bool gave_back_ = false;  // since it was last below the first mark
    bool camera_rests_ = false;
    int calm_looks_ = 0;
};

}  // namespace sallyport::agent
