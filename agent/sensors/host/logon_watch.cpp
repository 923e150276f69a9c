// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/logon_watch.hpp"

#include <algorithm>

#include "agent/sensors/host/accounts.hpp"
#include "agent/sensors/kernel_files.hpp"
#include "agent/sensors/login_records.hpp"
#include "agent/sensors/watch_memory.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRecordsMax = 2048;  // of one look: the newest
constexpr std::size_t kToldMax = 100;

class LogonWatch final : public HostWatch {
public:
    explicit LogonWatch(const LogonOptions& options)
        : root_(options.root), file_(options.root / "var/log/btmp"), memory_(options.memory_file) {}

    [[nodiscard]] std::string_view name() const override { return "failed_logons"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        return stir.kind == Stir::Kind::file && stir.what == file_.string();
    }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::hours(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following& following) override;

private:
    [[nodiscard]] Result<void> tell(const LoginRecord& record, const SensorContext& context);
    [[nodiscard]] Result<void> tell_gap(std::size_t missed, const SensorContext& context);

    const fs::path root_, file_;
    WatchMemory memory_;
};

Result<void> LogonWatch::look(const SensorContext& context, Following& following) {
    following.file(file_, Following::Of::changes);
    const auto bytes = read_tail(file_, kLoginRecordBytes, kRecordsMax);
    std::error_code failed;
    const bool silent_greeter = fs::exists(root_ / "etc/pam.d/gdm-password", failed);
    if (!bytes)
        context.health.report(name(), SensorState::absent, "no_record_of_failures");
    else
        context.health.report(name(), silent_greeter ? SensorState::degraded : SensorState::ok,
                              silent_greeter ? "greeter_keeps_no_record" : "");
    if (!bytes) return {};
    const Record known = memory_.find("last");
    std::vector<LoginRecord> fresh = read_login_records(*bytes);
    const std::int64_t last = integer_of(known, "at_us");
    const std::int64_t newest = std::max(last, fresh.empty() ? 1 : fresh.back().at_us);
    std::erase_if(fresh, [&](const LoginRecord& record) { return record.at_us <= last; });
    if (known.empty()) fresh.clear();
    const std::size_t missed = fresh.size() > kToldMax ? fresh.size() - kToldMax : 0;
    if (missed > 0)
        if (auto told = tell_gap(missed, context); !told) return told;
    for (std::size_t at = missed; at < fresh.size(); ++at) {
        if (auto told = tell(fresh[at], context); !told) return told;
        memory_.set("last", {{"at_us", fresh[at].at_us}});
    }
    memory_.set("last", {{"at_us", newest}});
    return memory_.save();
}

Result<void> LogonWatch::tell(const LoginRecord& record, const SensorContext& context) {
    const bool known = is_account(root_, record.user);
    const bool remote = !record.host.empty() && !record.host.starts_with(':');
    Observation seen;
    seen.type = "session.logon";
    seen.body = {{"kind", remote ? "remote" : "console"},
                 {"method", "unknown"},
                 {"failure_reason", known ? "authentication" : "unknown_account"}};
    seen.occurred_at = WallTime(std::chrono::milliseconds(record.at_us / 1000));
    seen.outcome = EventOutcome::failure;
    if (known) seen.operator_account = record.user;
    return context.sink.take(seen);
}

Result<void> LogonWatch::tell_gap(std::size_t missed, const SensorContext& context) {
    Observation gap;
    gap.type = "agent.gap";
    gap.body = {{"sensor", name()}, {"reason", "too_many_failures"}, {"missed", static_cast<std::int64_t>(missed)}};
    gap.occurred_at = context.clock.now();
    return context.sink.take(gap);
}

}  // namespace

std::unique_ptr<HostWatch> make_logon_watch(const LogonOptions& options) {
    return std::make_unique<LogonWatch>(options);
}

}  // namespace sallyport::agent
