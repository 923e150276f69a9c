// SPDX-License-Identifier: Apache-2.0
//
// The daily sweep: at 06:00 by the county's clock every entry of the registers is told, as lines of the collector's own
// log, once a day. A collector that was down at six makes up for that morning when it is back, not for mornings before.
// Killed in the middle it goes on where the log ends: lines and progress are one transaction.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "collector/registers/sweep_lines.hpp"
#include "collector/store/sweep_repository.hpp"
#include "collector/store/writer.hpp"
#include "protocol/clock.hpp"

namespace sallyport::registers {

class DailySweep {
public:
    // Writes lines of the collector's own log, and what `with` does, in one transaction; durable when it returns.
    // `occurred_at` is the moment for which they speak.
    using Append = std::function<Result<void>(const std::vector<SweepLine>& lines, WallTime occurred_at,
                                              const store::Writer::Job& with)>;

    [[nodiscard]] static Result<std::unique_ptr<DailySweep>> open(const store::Writer& writer, const Clock& clock,
                                                                  Append append);
    // Does what is due now: nothing, or all that is left of today's. After a failure the next call goes on. One thread.
    [[nodiscard]] Result<void> run_due();

private:
    DailySweep(Database reader, const Clock& clock, Append append)
        : reader_(std::move(reader)), clock_(clock), append_(std::move(append)) {}

    // What of one morning's is still to be written.
    struct Plan {
        store::RegisterSweep sweep;
        std::vector<SweepLine> lines;
        std::map<std::string, WallTime> new_use;
        store::PrintedPages new_pages;
    };
    [[nodiscard]] Result<void> begin(const std::string& day);
    [[nodiscard]] Result<void> count_use(const RegisterSnapshot& registers, Plan& plan);
    [[nodiscard]] Result<SweepFacts> facts_of(const Plan& plan);
    [[nodiscard]] Result<void> write_slice();

    Database reader_;
    const Clock& clock_;
    Append append_;
    std::optional<Plan> plan_;
    std::string done_day_;
};

// Runs it on a thread of its own, looking twice a minute; ends with the object. A failure is given to `complain`.
class SweepThread {
public:
    SweepThread(std::unique_ptr<DailySweep> sweep, std::function<void(const Error&)> complain);
    ~SweepThread();
    SweepThread(const SweepThread&) = delete;
    SweepThread& operator=(const SweepThread&) = delete;

private:
    struct Running;
    std::unique_ptr<Running> running_;
};

}  // namespace sallyport::registers
