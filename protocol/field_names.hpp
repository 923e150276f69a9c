// SPDX-License-Identifier: Apache-2.0
//
// The names that somebody wants out of a record, each found by one look at a table. A dotted name is found as
// it stands, and as a path into nested objects: `a.b` under `a.b`, or under `b` inside `a`. Immutable; any
// thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

class FieldNames {
public:
    static constexpr int kNone = -1;
    static constexpr int kRoot = 0;

    struct Found {
        int field = kNone;   // the number of the name that ends here
        int inside = kNone;  // the level at which the rest of longer names is looked for
    };

    // A name's number is its place in the list.
    explicit FieldNames(const std::vector<std::string>& names);

    [[nodiscard]] Found find(int level, std::string_view key) const {
        const Level& table = levels_[static_cast<std::size_t>(level)];
        for (std::uint32_t at = hash(key) & table.mask;; at = (at + 1) & table.mask) {
            const Slot& slot = slots_[table.first + at];
            if (slot.length == kFree) return {};
            if (slot.length == key.size() && is_same(key.data(), text_.data() + slot.text, key.size()))
                return slot.found;
        }
    }
    [[nodiscard]] std::size_t size() const { return size_; }

private:
    static constexpr std::uint32_t kFree = ~std::uint32_t{0};
    struct Slot {
        std::uint32_t text = 0, length = kFree;
        Found found;
    };
    struct Level {
        std::uint32_t first = 0, mask = 0;
    };
    class Builder;

    // Names are short: eight bytes at a time are sooner compared than memcmp is called.
    [[nodiscard]] static bool is_same(const char* a, const char* b, std::size_t size) {
        constexpr std::size_t kWord = sizeof(std::uint64_t);
        if (size < kWord) return std::memcmp(a, b, size) == 0;
        const auto differ = [&](std::size_t at) {
            std::uint64_t left = 0, right = 0;
            std::memcpy(&left, a + at, kWord);
            std::memcpy(&right, b + at, kWord);
            return left ^ right;
        };
        std::uint64_t difference = differ(size - kWord);
        for (std::size_t at = 0; at + kWord < size; at += kWord)
            difference |= differ(at);
        return difference == 0;
    }
    // Of the length and the first and last eight bytes: names differ there.
    [[nodiscard]] static std::uint32_t hash(std::string_view key) {
        std::uint64_t first = 0, last = 0;
        const auto load = [&](auto& to, std::size_t at) { std::memcpy(&to, key.data() + at, sizeof to); };
        if (key.size() >= sizeof first) {
            load(first, 0);
            load(last, key.size() - sizeof last);
        } else if (std::uint32_t half = 0; key.size() >= sizeof half) {
            load(half, 0);
            first = half;
            load(half, key.size() - sizeof half);
            last = half;
        } else if (!key.empty()) {
            first = static_cast<unsigned char>(key.front());
            last = static_cast<std::uint64_t>(static_cast<unsigned char>(key.back())) << 8 |
                   static_cast<unsigned char>(key[key.size() / 2]);
        }
        const std::uint64_t mixed =
            (first ^ (last * 0x9E3779B97F4A7C15ULL) ^ key.size()) * 0xD6E8FEB86659FD93ULL;
        return static_cast<std::uint32_t>(mixed >> 32);
    }

    std::string text_;
    std::vector<Slot> slots_;
    std::vector<Level> levels_;
    std::size_t size_ = 0;
};

}  // namespace sallyport
