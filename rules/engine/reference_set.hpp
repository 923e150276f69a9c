// SPDX-License-Identifier: Apache-2.0
//
// The references already judged, as ranges: the log numbers its events without gaps, so a whole history is a
// handful of ranges. Bounded: of scattered references the lowest ranges are forgotten first.
#pragma once

#include <cstdint>
#include <map>

namespace sallyport::rules {

class ReferenceSet {
public:
    // False when it was there already.
    bool insert(std::int64_t reference);
    void insert_range(std::int64_t first, std::int64_t last) { ranges_[first] = last; }
    [[nodiscard]] const std::map<std::int64_t, std::int64_t>& ranges() const { return ranges_; }

private:
    std::map<std::int64_t, std::int64_t> ranges_;  // first -> last
};

}  // namespace sallyport::rules
