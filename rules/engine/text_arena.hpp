// SPDX-License-Identifier: Apache-2.0
//
// Where texts made for one event lie: given out in order, taken back all at once, so that no event allocates
// once the arena has grown to what events need.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace sallyport::rules {

class TextArena {
public:
    // Room for `size` bytes that stays where it is until clear().
    char* take(std::size_t size) {
        while (block_ < blocks_.size() && used_ + size > blocks_[block_].size) {
            ++block_;
            used_ = 0;
        }
        if (block_ == blocks_.size()) {
            const std::size_t room = std::max(size, kBlock);
            blocks_.push_back({std::make_unique<char[]>(room), room});
            used_ = 0;
        }
        char* room = blocks_[block_].bytes.get() + used_;
        used_ += size;
        return room;
    }
    // Gives back what was taken last and not used.
    void give_back(std::size_t size) { used_ -= size; }
    void clear() { block_ = used_ = 0; }

private:
    static constexpr std::size_t kBlock = 64 * 1024;
    struct Block {
        std::unique_ptr<char[]> bytes;
        std::size_t size;
    };
    std::vector<Block> blocks_;
    std::size_t block_ = 0, used_ = 0;
};

}  // namespace sallyport::rules
