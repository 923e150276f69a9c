// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/fsck_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/log_keys.hpp"
#include "collector/evidence/log_check.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"

namespace sallyport::ctl {
namespace {

struct Options {
    std::vector<std::filesystem::path> heads, keys;
    std::filesystem::path authority;
    bool json = false;
};

Record to_record(const evidence::LogCheckReport& report) {
    List faults;
    for (const evidence::Fault& fault : report.faults)
        faults.emplace_back(Record{{"kind", fault.kind}, {"place", fault.place}, {"what", fault.what}});
    return {{"lines", report.lines},     {"withheld", report.withheld},
            {"batches", report.batches}, {"streams", report.streams},
            {"heads", report.heads},     {"awaiting_head", report.awaiting_head},
            {"audit_entries", report.audit_entries}, {"fault_count", report.fault_count},
            {"faults", std::move(faults)}};
}

void print(const evidence::LogCheckReport& report) {
    for (const evidence::Fault& fault : report.faults)
        std::cout << fault.kind << ": " << fault.place << ": " << fault.what << '\n';
    if (report.fault_count > report.faults.size())
        std::cout << "... and " << report.fault_count - report.faults.size() << " more\n";
    std::cout << report.lines << " lines (" << report.withheld << " withheld), " << report.batches << " signed batches, "
              << report.streams << " streams, " << report.heads << " heads, " << report.audit_entries << " audit entries";
    if (report.awaiting_head > 0)
        std::cout << "; " << report.awaiting_head << " lines of the last two minutes await their head";
    std::cout << "\n" << (report.fault_count == 0 ? "no faults" : std::to_string(report.fault_count) + " faults") << '\n';
}

Result<void> check(Invocation& invocation, const Options& options) {
    auto keys = log_keys(invocation, options.keys, options.authority);
    if (!keys)
        return keys.error();
    evidence::LogCheckOptions what{std::move(*keys), {}, invocation.now()};
    for (const auto& file : options.heads) {
        auto head = read_file(file);
        if (!head)
            return head.error();
        what.published.push_back(std::move(*head));
    }
    auto database = invocation.open_store_for_reading();
    if (!database)
        return database.error();
    auto report = evidence::check_log(*database, what);
    if (!report)
        return report.error();
    if (options.json)
        std::cout << write_json(to_record(*report)) << '\n';
    else
        print(*report);
    if (report->fault_count > 0)
        invocation.end_with(ExitCode::checked_wrong);
    return {};
}

}  // namespace

void add_fsck_command(CLI::App& app, Invocation& invocation) {
    auto options = std::make_shared<Options>();
    auto* fsck = app.add_subcommand("fsck", "Derives the evidence log again from the stored lines and names every difference; beside a running collector");
    fsck->add_option("--head", options->heads, "A head that was published (retained on sallyport/1/ORI/head, or kept by a witness): "
                                               "the log must have grown from it");
    fsck->add_option("--key", options->keys, "Public key of the log (default: of the authority's folder); again for a former one");
    fsck->add_option("--ca", options->authority, "The authority's folder (default: from the configuration)");
    fsck->add_flag("--json", options->json, "For programs");
    fsck->callback([options, &invocation] { invocation.run([&] { return check(invocation, *options); }); });
}

}  // namespace sallyport::ctl
