// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/expected_terminals.hpp"

#include <algorithm>
#include <array>

#include "collector/store/register_repository.hpp"

namespace sallyport::registers {
namespace {

constexpr std::array<std::string_view, 2> kHeardOf = {"licensed", "suspended"};
constexpr std::int64_t kHeartbeatS = 60;

}  // namespace

bool is_expected(const Record& terminal) {
    return std::find(kHeardOf.begin(), kHeardOf.end(), text_of(terminal, "status")) != kHeardOf.end();
}

Result<std::unique_ptr<ExpectedTerminals>> ExpectedTerminals::open(const store::Writer& writer, const Clock& clock) {
    auto reader = writer.reader();
    if (!reader)
        return reader.error().within("registered terminals");
    return std::make_unique<ExpectedTerminals>(std::move(*reader), clock);
}

Result<void> ExpectedTerminals::refresh() {
    auto generation = store::register_generation(reader_);
    if (!generation)
        return generation.error().within("registered terminals");
    const WallTime now = clock_.now();
    const WallTime day = std::chrono::floor<std::chrono::days>(now);
    if (*generation == generation_ && day == day_)
        return {};
    std::vector<Terminal> terminals;
    auto read = store::each_entry(reader_, "terminals", now, now, [&](const store::RegisterEntry& entry) -> Result<void> {
        if (is_expected(entry.data))
            terminals.push_back({entry.id, entry.ori,
                                 static_cast<std::uint64_t>(integer_of(entry.data, "heartbeat_s", kHeartbeatS))});
        return {};
    });
    if (!read)
        return read.error().within("registered terminals");
    terminals_ = std::move(terminals);
    generation_ = *generation;
    day_ = day;
    return {};
}

}  // namespace sallyport::registers
