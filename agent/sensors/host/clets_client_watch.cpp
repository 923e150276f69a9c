// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/clets_client_watch.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "agent/sensors/host/accounts.hpp"
#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

struct ClientProcess {
    std::int64_t id = 0;
    std::string session;
    std::string account;
};

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// The rest of the line that begins so.
std::string after(const std::string& text, std::string_view begin) {
    const auto at = text.find(begin);
    if (at == std::string::npos) return {};
    const auto from = at + begin.size();
    return text.substr(from, text.find_first_of("\t\n", from) - from);
}

// systemd writes a hyphen of a unit's name so.
std::string without_escapes(std::string text) {
    constexpr std::string_view kHyphen = "\\x2d";
    for (auto at = text.find(kHyphen); at != std::string::npos; at = text.find(kHyphen, at))
        text.replace(at, kHyphen.size(), "-");
    return text;
}

class CletsClientWatch final : public HostWatch {
public:
    explicit CletsClientWatch(const CletsClientOptions& options)
        : options_(options), file_(options.root / options.executable.relative_path()) {}

    [[nodiscard]] std::string_view name() const override { return "clets_client"; }
    [[nodiscard]] bool is_stirred_by(const Stir& stir) const override {
        return stir.kind == Stir::Kind::process_ended || (stir.kind == Stir::Kind::file && stir.what == file_.string());
    }
    // Between the opening of the file and the command line of the new process.
    [[nodiscard]] std::chrono::milliseconds settles_after() const override { return std::chrono::milliseconds(500); }
    [[nodiscard]] std::chrono::milliseconds looks_every() const override { return std::chrono::minutes(1); }
    [[nodiscard]] Result<void> look(const SensorContext& context, Following& following) override;

private:
    [[nodiscard]] std::vector<ClientProcess> processes() const;
    [[nodiscard]] bool is_client(const fs::path& process) const;
    [[nodiscard]] ClientProcess describe(const fs::path& process, std::int64_t id) const;
    [[nodiscard]] Result<void> tell(std::string_view state, const std::string& session, const std::string& account,
                                    const SensorContext& context) const;

    const CletsClientOptions options_;
    const fs::path file_;
    std::map<std::string, std::string> running_;  // session -> account
    bool first_ = true;
};

Result<void> CletsClientWatch::look(const SensorContext& context, Following& following) {
    std::error_code failed;
    following.file(file_, Following::Of::opening);
    const bool installed = fs::exists(file_, failed);
    context.health.report(name(), installed ? SensorState::ok : SensorState::absent, installed ? "" : "client_not_installed");
    std::map<std::string, std::string> now;
    for (const ClientProcess& process : processes()) {
        following.process(process.id);
        now.emplace(process.session, process.account);
    }
    for (const auto& [session, account] : std::map(running_)) {
        if (now.contains(session)) continue;
        if (auto told = tell("stopped", session, account, context); !told) return told;
        running_.erase(session);
    }
    for (const auto& [session, account] : now) {
        if (running_.contains(session)) continue;
        if (auto told = tell("started", session, account, context); !told) return told;
        running_.emplace(session, account);
    }
    first_ = false;
    return {};
}

std::vector<ClientProcess> CletsClientWatch::processes() const {
    std::vector<ClientProcess> found;
    for (const fs::path& process : entries(options_.root / "proc"))
        if (const auto id = number_in(process.filename().string()))
            if (is_client(process)) found.push_back(describe(process, *id));
    return found;
}

// The program itself, or the interpreter's first argument. Links to /proc/*/exe of others need rights that the agent
// has no other use for.
bool CletsClientWatch::is_client(const fs::path& process) const {
    const std::string line = read_bytes(process / "cmdline").value_or("");
    const auto end = std::min(line.find('\0'), line.size());
    const std::string_view first(line.data(), end);
    const std::string_view rest = std::string_view(line).substr(std::min(end + 1, line.size()));
    const std::string wanted = options_.executable.string();
    const bool by_name = first.find('/') == std::string_view::npos && first == options_.executable.filename().string();
    if (first != wanted && rest.substr(0, rest.find('\0')) != wanted && !by_name) return false;
    if (options_.desktop_id.empty()) return true;
    const std::string unit = without_escapes(read_bytes(process / "cgroup").value_or(""));
    return unit.find("app-" + options_.desktop_id) != std::string::npos ||
           unit.find("-" + options_.desktop_id + "-") != std::string::npos;
}

ClientProcess CletsClientWatch::describe(const fs::path& process, std::int64_t id) const {
    constexpr std::string_view kUnset = "4294967295";  // the audit session of what no log-on began
    ClientProcess client{id, read_token(process / "sessionid", 20).value_or(""), {}};
    if (client.session == kUnset) client.session.clear();
    if (const auto uid = number_in(after(read_bytes(process / "status").value_or(""), "Uid:\t")))
        client.account = account_of(options_.root, static_cast<std::uint32_t>(*uid)).value_or("");
    return client;
}

Result<void> CletsClientWatch::tell(std::string_view state, const std::string& session, const std::string& account,
                                    const SensorContext& context) const {
    Observation seen;
    seen.type = "clets.client";
    seen.body = {{"state", state}};
    if (!first_) seen.occurred_at = context.clock.now();
    if (!session.empty()) seen.session_id = session;
    if (!account.empty()) seen.operator_account = account;
    return context.sink.take(seen);
}

}  // namespace

std::unique_ptr<HostWatch> make_clets_client_watch(const CletsClientOptions& options) {
    return std::make_unique<CletsClientWatch>(options);
}

}  // namespace sallyport::agent
