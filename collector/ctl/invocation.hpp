// SPDX-License-Identifier: Apache-2.0
//
// One call of sallyportctl: what every command group needs, and how it ends. One thread.
//
// The store is opened directly, beside a running collector: docs/decisions/0008.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "rules/engine/list_files.hpp"

namespace CLI {
class App;
}

namespace sallyport::ctl {

// System.md section 5.
enum class ExitCode { done = 0, checked_wrong = 1, call_wrong = 2, environment_failed = 3 };

class Invocation {
public:
    explicit Invocation(const Clock& clock) : clock_(clock) {}

    // Options that every command shares: --config, --store, --ori, --as.
    void add_options(CLI::App& app);

    [[nodiscard]] WallTime now() const { return clock_.now(); }
    // The store file, brought to this program's schema.
    [[nodiscard]] Result<Database> open_store();
    // A connection that cannot write, beside a running collector or without one. Errc::conflict unless the file has this
    // program's schema: it is left as it is.
    [[nodiscard]] Result<Database> open_store_for_reading();
    // Whether the call or the configuration says which store.
    [[nodiscard]] Result<bool> names_store();
    [[nodiscard]] Result<std::string> ori();
    // Where `ca init` put the authority: the folder of the broker's CA in the configuration, unless one is given.
    [[nodiscard]] Result<std::filesystem::path> authority_folder(const std::filesystem::path& given);
    // The folder of rules in the configuration.
    [[nodiscard]] Result<std::filesystem::path> rules_folder();
    // The lists kept by hand in the configuration; none without one.
    [[nodiscard]] Result<rules::ListFiles> rule_lists();
    // Who acts, for the audit log: --as, else the one who called sudo, else the user.
    [[nodiscard]] std::string actor() const;

    // Runs a command's work when the parser has chosen it; its error is printed and decides the exit code.
    void run(const std::function<Result<void>()>& work);
    // In one transaction of the store, which is committed only if the work succeeds.
    void change_store(const std::function<Result<void>(Database&)>& work);
    void read_store(const std::function<Result<void>(Database&)>& work);
    // For checks that found something, after they have said what.
    void end_with(ExitCode code) { exit_code_ = code; }
    [[nodiscard]] ExitCode exit_code() const { return exit_code_; }

private:
    [[nodiscard]] Result<void> read_configuration();

    const Clock& clock_;
    bool configuration_read_ = false;
    std::filesystem::path config_, store_, broker_ca_, rules_;
    rules::ListFiles rule_lists_;
    std::string ori_, actor_;
    ExitCode exit_code_ = ExitCode::done;
};

}  // namespace sallyport::ctl
