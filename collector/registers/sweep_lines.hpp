// SPDX-License-Identifier: Apache-2.0
//
// What the registers say on one morning, a line an entry (catalogue, section 1: the daily sweep): the events `sweep.*`
// of protocol/catalogue.cpp, which say what each field and code means. People are operator_refs, never names. Pure: the
// same registers, facts and moment give the same lines in the same order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/registers/register_snapshot.hpp"
#include "collector/store/sweep_repository.hpp"
#include "collector/store/terminal_repository.hpp"

namespace sallyport::registers {

struct SweepLine {
    std::string type;
    Record body;
};

// What is known besides the registers.
struct SweepFacts {
    std::map<std::string, WallTime> last_seen;     // terminals that were heard of
    std::map<std::string, WallTime> last_session;  // operator_ref -> last logon or unlock
    store::PrintedPages printed;                   // of the last days; its first day is when counting began
    std::vector<store::TerminalKey> keys;
    std::map<std::string, WallTime> observing_since;  // sites (empty: the agency) with rules that only observe
    std::optional<WallTime> watched_since;  // of what was before, nobody can say that it was not used
};

// `before`: the moment of the sweep before this one, to tell who has left an access list since.
[[nodiscard]] std::vector<SweepLine> sweep_lines(const RegisterSnapshot& registers, Moment moment,
                                                 std::optional<Moment> before, const SweepFacts& facts);

}  // namespace sallyport::registers
