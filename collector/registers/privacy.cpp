// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/privacy.hpp"

#include <algorithm>
#include <iterator>

namespace sallyport::registers {
namespace {

constexpr std::string_view kNames[] = {"staff_id", "display_name", "os_accounts"};
constexpr std::string_view kOfClearance[] = {"fingerprint_cleared_on", "background_cleared_on", "clearance_result",
                                             "clearance_decided_by",   "clearance_decided_on",  "clearance_review_due"};

bool is_among(std::span<const std::string_view> words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Privacy privacy_of(const Register& table, std::string_view column) {
    if (table.name != "operators") return Privacy::open;
    return is_among(kNames, column)         ? Privacy::name
           : is_among(kOfClearance, column) ? Privacy::personnel
                                            : Privacy::open;
}

}  // namespace sallyport::registers
