// SPDX-License-Identifier: Apache-2.0
//
// The keys enrolled for a terminal, as a message's first check needs them: read from the store at most once a second for
// each terminal. What counts is decided again in the transaction that stores the batch (system.md 9.12), so a key that was
// revoked meanwhile is refused there, and one that is new is found by asking anew. One thread.
#pragma once

#include <unordered_map>

#include "collector/store/terminal_repository.hpp"
#include "protocol/clock.hpp"

namespace sallyport::intake {

class EnrolledKeys {
public:
    EnrolledKeys(Database reader, const Clock& clock) : reader_(std::move(reader)), clock_(clock) {}

    // `fresh`: read now, whatever is remembered.
    [[nodiscard]] Result<std::vector<store::TerminalKey>> of(const std::string& terminal, bool fresh = false) {
        const auto now = clock_.monotonic();
        const auto known = remembered_.find(terminal);
        if (!fresh && known != remembered_.end() && now - known->second.at < kRemembered)
            return known->second.keys;
        auto keys = store::keys_of(reader_, terminal);
        if (!keys)
            return keys.error();
        if (remembered_.size() >= kTerminalsMax)
            remembered_.clear();
        if (!keys->empty())  // names that nobody has are not worth a place
            remembered_[terminal] = {*keys, now};
        return std::move(keys).value();
    }

    [[nodiscard]] Database& reader() { return reader_; }

private:
    static constexpr std::chrono::seconds kRemembered{1};
    static constexpr std::size_t kTerminalsMax = 50'000;

    struct Remembered {
        std::vector<store::TerminalKey> keys;
        MonotonicTime at{};
    };
    Database reader_;
    const Clock& clock_;
    std::unordered_map<std::string, Remembered> remembered_;
};

}  // namespace sallyport::intake
