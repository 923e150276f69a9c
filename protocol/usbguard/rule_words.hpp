// SPDX-License-Identifier: Apache-2.0
//
// The words of the language, for reader and writer.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "protocol/usbguard/rule.hpp"

namespace sallyport::usbguard {

inline constexpr std::array<std::pair<std::string_view, Target>, 5> kTargets{{{"allow", Target::allow},
                                                                             {"block", Target::block},
                                                                             {"reject", Target::reject},
                                                                             {"match", Target::match},
                                                                             {"device", Target::device}}};

inline constexpr std::array<std::pair<std::string_view, Operator>, 6> kOperators{
    {{"all-of", Operator::all_of},
     {"one-of", Operator::one_of},
     {"none-of", Operator::none_of},
     {"equals-ordered", Operator::equals_ordered},
     {"equals", Operator::equals},
     {"match-all", Operator::match_all}}};

enum class Argument { none, possible, needed };
inline constexpr std::array<std::pair<std::string_view, Argument>, 7> kConditions{
    {{"true", Argument::none},
     {"false", Argument::none},
     {"localtime", Argument::needed},
     {"allowed-matches", Argument::needed},
     {"random", Argument::possible},
     {"rule-applied", Argument::possible},
     {"rule-evaluated", Argument::possible}}};

}  // namespace sallyport::usbguard
