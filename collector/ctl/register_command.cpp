// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/register_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/broker_configuration.hpp"
#include "collector/ctl/output.hpp"
#include "collector/registers/register_file.hpp"
#include "protocol/files.hpp"

namespace sallyport::ctl {
namespace {

using registers::Register;

// The columns that fit on a screen; --json and export have all of them.
constexpr std::size_t kShownColumns = 8;

struct Options {
    std::filesystem::path file;
    std::string reason;
    bool json = false;
};

Result<void> import_file(Invocation& invocation, Database& database, const Register& table, const Options& options) {
    auto ori = invocation.ori();
    if (!ori)
        return ori.error();
    auto csv = read_file(options.file);
    if (!csv)
        return csv.error();
    const std::string file = options.file.filename().string();
    const registers::Change change{*ori, invocation.actor(), "administrator",
                                   options.reason.empty() ? "import of " + file : options.reason, invocation.now()};
    auto outcome = registers::import_register(database, table, *csv, change);
    if (!outcome)
        return outcome.error();
    for (const auto& fault : outcome->faults)
        std::cerr << file << ": " << fault.text() << '\n';
    if (!outcome->faults.empty())
        return Error(Errc::bad_input, std::to_string(outcome->faults.size()) + " faults in " + file + ", nothing was imported");
    for (const auto& note : outcome->notes)
        std::cerr << file << ": " << note.text() << '\n';
    std::cout << table.name << ": " << outcome->added << " added, " << outcome->changed << " changed, "
              << outcome->unchanged << " unchanged\n";
    return {};
}

// A terminal that is new, retired, lost or stolen: the access list follows the register.
Result<void> tell_broker(Invocation& invocation, Database& database) {
    const auto authority = invocation.authority_folder({});
    return authority ? refresh_broker(database, *authority, invocation.now()) : Result<void>();
}

Result<void> list(Invocation& invocation, Database& database, const Register& table, const Options& options) {
    auto entries = store::list_entries(database, table.name, invocation.now(), invocation.now());
    if (!entries)
        return entries.error();
    std::vector<std::string> header;
    for (const auto& column : table.columns)
        if (header.size() < kShownColumns && (column.required || options.json))
            header.emplace_back(column.name);
    std::vector<Record> items;
    for (auto& entry : *entries)
        items.push_back(std::move(entry.data));
    print_items(header, items, options.json ? Format::json : Format::table);
    return {};
}

void add_register(CLI::App& app, Invocation& invocation, const Register& table) {
    const std::string name(table.name);
    auto* group = app.add_subcommand(name, "The register of " + name)->require_subcommand(1);
    auto options = std::make_shared<Options>();

    auto* import = group->add_subcommand("import", "Takes over a CSV file, all of it or nothing");
    import->add_option("FILE", options->file, "The file; its columns are explained in docs/formats/registers.md")->required();
    import->add_option("--reason", options->reason, "Why, for the register's history");
    import->callback([options, &invocation, &table] {
        invocation.change_store(
            [&](Database& database) { return import_file(invocation, database, table, *options); });
        if (table.name == "terminals" && invocation.exit_code() == ExitCode::done)
            invocation.read_store([&](Database& database) { return tell_broker(invocation, database); });
    });

    auto* write = group->add_subcommand("export", "Writes all entries as CSV to the standard output");
    write->callback([&invocation, &table] {
        invocation.read_store([&](Database& database) -> Result<void> {
            auto csv = registers::export_register(database, table, invocation.now());
            if (!csv)
                return csv.error();
            std::cout << *csv;
            return {};
        });
    });

    auto* show = group->add_subcommand("list", "Shows all entries");
    show->add_flag("--json", options->json, "As JSON, with every field");
    show->callback([options, &invocation, &table] {
        invocation.read_store([&](Database& database) { return list(invocation, database, table, *options); });
    });
}

}  // namespace

void add_register_commands(CLI::App& app, Invocation& invocation) {
    for (const Register& table : registers::all_registers())
        add_register(app, invocation, table);
}

}  // namespace sallyport::ctl
