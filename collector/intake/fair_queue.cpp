// SPDX-License-Identifier: Apache-2.0
#include "collector/intake/fair_queue.hpp"

namespace sallyport::intake {

bool FairQueue::push(const std::string& lane_name, MqttMessage message) {
    const std::size_t size = message.payload.size();
    std::unique_lock lock(mutex_);
    if (const auto known = lanes_.find(lane_name); known != lanes_.end()) {
        const Lane& lane = known->second;
        if (lane.messages.size() >= limits_.lane_messages ||
            (!lane.messages.empty() && lane.bytes + size > limits_.lane_bytes))
            return false;
    }
    room_.wait(lock, [&] { return bytes_ == 0 || bytes_ + size <= limits_.bytes || closed_; });
    if (closed_)
        return false;
    Lane& lane = lanes_[lane_name];
    if (lane.messages.empty() && !lane.resting) {
        turns_.push_back(lane_name);
        work_.notify_one();
    }
    lane.messages.push_back(std::move(message));
    lane.bytes += size;
    bytes_ += size;
    return true;
}

std::optional<FairQueue::Item> FairQueue::pop() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return !turns_.empty() || closed_; });
    if (turns_.empty())
        return std::nullopt;
    Item item{std::move(turns_.front()), {}};
    turns_.pop_front();
    Lane& lane = lanes_[item.lane];
    item.message = std::move(lane.messages.front());
    lane.messages.pop_front();
    lane.resting = true;
    lane.bytes -= item.message.payload.size();
    bytes_ -= item.message.payload.size();
    room_.notify_one();
    return item;
}

void FairQueue::done(const std::string& lane_name) {
    const std::scoped_lock lock(mutex_);
    const auto lane = lanes_.find(lane_name);
    lane->second.resting = false;
    if (lane->second.messages.empty()) {
        lanes_.erase(lane);
        return;
    }
    turns_.push_back(lane_name);
    work_.notify_one();
}

void FairQueue::close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    room_.notify_all();
    work_.notify_all();
}

std::size_t FairQueue::bytes() const {
    const std::scoped_lock lock(mutex_);
    return bytes_;
}

}  // namespace sallyport::intake
