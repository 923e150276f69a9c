// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/history_replay.hpp"

#include <filesystem>
#include <set>

#include "collector/registers/cell.hpp"
#include "collector/store/schema.hpp"
#include "protocol/crypto.hpp"
#include "protocol/timestamp.hpp"
#include "rules/engine/timespan.hpp"

namespace sallyport::ctl {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes when the replay ends.
class ScratchFolder {
public:
    ScratchFolder() : path_(fs::temp_directory_path() / ("sallyport-rehearsal-" + random_id())) {
        fs::create_directories(path_);
    }
    ~ScratchFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

Result<WallTime> moment_of(std::string_view option, const std::string& text, WallTime now) {
    if (const auto span = rules::parse_timespan(text)) return now - *span;
    auto value = registers::read_cell({.name = option, .kind = registers::CellKind::time}, text);
    return value ? parse_time(*value->as<std::string>()) : Result<WallTime>(value.error().within("--" + std::string(option)));
}

}  // namespace

Result<Span> span_of(Invocation& invocation, const std::string& since, const std::string& until) {
    const WallTime now = invocation.now();
    const auto from = moment_of("since", since, now);
    if (!from) return from.error();
    const auto to = until.empty() ? Result<WallTime>(now) : moment_of("until", until, now);
    if (!to) return to.error();
    if (*from >= *to) return Error(Errc::bad_input, "--since is not before --until");
    return Span{*from, *to};
}

Result<alerts::Rehearsal> replay(Invocation& invocation, const Clock& clock, const alerts::RehearsalPlan& plan) {
    const ScratchFolder folder;
    auto scratch = Database::open(folder.path() / "scratch.db");
    if (!scratch) return scratch.error();
    if (auto done = store::migrate(*scratch); !done) return done.error();
    return alerts::rehearse(
        plan, [&] { return invocation.open_store_for_reading(); }, *scratch, clock);
}

std::vector<const store::Alert*> missing_of(const std::vector<store::Alert>& left, const std::vector<store::Alert>& right) {
    std::set<std::string> known;
    for (const store::Alert& alert : right)
        known.insert(alert.alert_id);
    std::vector<const store::Alert*> missing;
    for (const store::Alert& alert : left)
        if (!known.contains(alert.alert_id)) missing.push_back(&alert);
    return missing;
}

}  // namespace sallyport::ctl
