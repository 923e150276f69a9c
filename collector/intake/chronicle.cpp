// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/chronicle.hpp"

namespace sallyport::intake {
namespace {

constexpr std::size_t kSliceMax = 200;

}  // namespace

void Chronicle::add(Remark remark) {
    const std::scoped_lock lock(mutex_);
    waiting_.emplace(++last_number_, std::move(remark));
}

bool Chronicle::empty() const {
    const std::scoped_lock lock(mutex_);
    return waiting_.empty();
}

Result<void> Chronicle::write(Database& database, Slice& slice) {
    slice = take();
    std::vector<Notice> notices;
    for (const auto& [number, remark] : slice) {
        if (remark.row)
            if (auto saved = store::save_liveness(database, *remark.row); !saved)
                return saved;
        if (remark.notice)
            notices.push_back(*remark.notice);
    }
    return log_.append(database, notices);
}

void Chronicle::give_back(Slice slice) {
    const std::scoped_lock lock(mutex_);
    waiting_.merge(slice);
}

Chronicle::Slice Chronicle::take() {
    const std::scoped_lock lock(mutex_);
    Slice slice;
    while (!waiting_.empty() && slice.size() < kSliceMax)
        slice.insert(waiting_.extract(waiting_.begin()));
    return slice;
}

}  // namespace sallyport::intake
