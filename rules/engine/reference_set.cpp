// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/reference_set.hpp"

#include <iterator>

namespace sallyport::rules {
namespace {

constexpr std::size_t kRangesMax = 65'536;

}  // namespace

bool ReferenceSet::insert(std::int64_t reference) {
    auto next = ranges_.upper_bound(reference);
    if (next != ranges_.begin()) {
        const auto before = std::prev(next);
        if (reference <= before->second) return false;
        if (reference == before->second + 1) {
            before->second = reference;
            if (next != ranges_.end() && next->first == reference + 1) {
                before->second = next->second;
                ranges_.erase(next);
            }
            return true;
        }
    }
    if (next != ranges_.end() && next->first == reference + 1) {
        const std::int64_t last = next->second;
        ranges_.erase(next);
        ranges_[reference] = last;
    } else {
        ranges_[reference] = reference;
    }
    if (ranges_.size() > kRangesMax) ranges_.erase(ranges_.begin());
    return true;
}

}  // namespace sallyport::rules
