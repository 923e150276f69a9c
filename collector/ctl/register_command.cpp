// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/register_command.hpp"

#include <CLI/CLI.hpp>
#include <iostream>

#include "collector/ctl/broker_configuration.hpp"
#include "collector/ctl/output.hpp"
#include "collector/registers/cell.hpp"
#include "collector/registers/register_entries.hpp"
#include "collector/registers/register_file.hpp"
#include "collector/registers/register_snapshot.hpp"
#include "collector/registers/usbguard_media.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::ctl {
namespace {

using registers::Register;

// The columns that fit on a screen; --json and export have all of them.
constexpr std::size_t kShownColumns = 8;

struct Options {
    std::filesystem::path file;
    std::string reason, valid_from, as_of, known_at, id;
    std::vector<std::string> columns;  // theirs=ours
    std::vector<std::string> constants;  // column=cell, where rules are read
    std::string terminal;
    bool usbguard = false;
    bool json = false, preview = false, good_rows = false;
};

// A time as in a register's cell; nothing given: now.
Result<WallTime> time_of(const std::string& text, std::string_view option, WallTime now) {
    if (text.empty())
        return now;
    static constexpr registers::Column kTime{"", registers::CellKind::time, false, 0, 0, {}, {}, {}};
    auto value = registers::read_cell(kTime, text);
    if (!value)
        return Error(Errc::bad_input, std::string(option) + ": '" + text + "' " + value.error().message());
    return *parse_time(*value->as<std::string>());
}

Result<registers::ImportOptions> import_options(const Options& options) {
    registers::ImportOptions result;
    result.preview = options.preview;
    result.good_rows = options.good_rows;
    for (const std::string& pair : options.columns) {
        const auto equals = pair.rfind('=');
        if (equals == std::string::npos || equals == 0)
            return Error(Errc::bad_input, "--map: '" + pair + "' is not like 'Staff No=staff_id', or 'Remark=' to leave it out");
        result.columns[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return result;
}

Result<std::map<std::string, std::string>> constants_of(const Options& options) {
    std::map<std::string, std::string> constants;
    for (const std::string& pair : options.constants) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos || equals == 0)
            return Error(Errc::bad_input, "--set: '" + pair + "' is not like 'owner=OP-1'");
        constants[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return constants;
}

Record as_json(const registers::CellFault& fault) {
    return {{"row", static_cast<std::int64_t>(fault.row)}, {"column", fault.column}, {"reason", fault.reason}};
}

Record as_json(const registers::RowChange& change) {
    List cells;
    for (const auto& cell : change.cells)
        cells.emplace_back(Record{{"column", cell.column}, {"before", cell.before}, {"after", cell.after}});
    return {{"row", static_cast<std::int64_t>(change.row)},
            {"id", change.id},
            {"action", change.added ? "add" : "change"},
            {"cells", std::move(cells)}};
}

Record as_json(const Register& table, const registers::ImportOutcome& outcome) {
    List faults, notes, changes;
    for (const auto& fault : outcome.faults)
        faults.emplace_back(as_json(fault));
    for (const auto& note : outcome.notes)
        notes.emplace_back(as_json(note));
    for (const auto& change : outcome.changes)
        changes.emplace_back(as_json(change));
    return {{"register", table.name},
            {"written", outcome.written},
            {"added", static_cast<std::int64_t>(outcome.added)},
            {"changed", static_cast<std::int64_t>(outcome.changed)},
            {"unchanged", static_cast<std::int64_t>(outcome.unchanged)},
            {"changes", std::move(changes)},
            {"faults", std::move(faults)},
            {"notes", std::move(notes)}};
}

void print_changes(const std::string& file, const std::vector<registers::RowChange>& changes) {
    for (const auto& change : changes) {
        std::cout << file << ": row " << change.row << ": " << change.id << (change.added ? " is new" : " changes") << '\n';
        for (const auto& cell : change.cells)
            std::cout << "    " << cell.column << ": "
                      << (cell.before.empty() ? cell.after : cell.before + " -> " + (cell.after.empty() ? "(empty)" : cell.after))
                      << '\n';
    }
}

void print(const std::string& file, const Register& table, const registers::ImportOutcome& outcome, const Options& options) {
    if (options.json) {
        std::cout << write_json(as_json(table, outcome)) << '\n';
        return;
    }
    if (options.preview)
        print_changes(file, outcome.changes);
    for (const auto& fault : outcome.faults)
        std::cerr << file << ": " << fault.text() << '\n';
    for (const auto& note : outcome.notes)
        std::cerr << file << ": " << note.text() << '\n';
    if (outcome.written || options.preview)
        std::cout << table.name << ": " << outcome.added << " added, " << outcome.changed << " changed, " << outcome.unchanged
                  << " unchanged" << (options.preview ? "; a preview, nothing was written" : "") << '\n';
}

Result<void> import_file(Invocation& invocation, Database& database, const Register& table, const Options& options) {
    auto ori = invocation.ori();
    if (!ori)
        return ori.error();
    auto csv = read_file(options.file);
    if (!csv)
        return csv.error();
    auto how = import_options(options);
    if (!how)
        return how.error();
    const std::string file = options.file.filename().string();
    registers::Change change{*ori, invocation.actor(), "administrator",
                             options.reason.empty() ? "import of " + file : options.reason, invocation.now(), {}};
    if (!options.valid_from.empty()) {
        auto since = time_of(options.valid_from, "--valid-from", invocation.now());
        if (!since)
            return since.error();
        if (options.reason.empty())
            return Error(Errc::bad_input, "--valid-from: what is back-dated needs a --reason");
        change.valid_from = *since;
    }
    auto constants = constants_of(options);
    if (!constants)
        return constants.error();
    auto outcome = options.usbguard ? registers::import_usbguard_rules(database, *csv, *constants, change, *how)
                                    : registers::import_register(database, table, *csv, change, *how);
    if (!outcome)
        return outcome.error();
    print(file, table, *outcome, options);
    if (outcome->faults.empty())
        return {};
    invocation.end_with(ExitCode::checked_wrong);
    const std::string faults = std::to_string(outcome->faults.size()) + " faults in " + file;
    if (!options.json)
        std::cerr << faults
                  << (outcome->written ? ", their rows were left out" : options.preview ? "" : ", nothing was imported") << '\n';
    return {};
}

// A terminal that is new, retired, lost or stolen: the access list follows the register.
Result<void> tell_broker(Invocation& invocation, Database& database) {
    const auto authority = invocation.authority_folder({});
    return authority ? refresh_broker(database, *authority, invocation.now()) : Result<void>();
}

// As of T, as known at K.
Result<registers::Moment> moment_of(Invocation& invocation, const Options& options) {
    auto as_of = time_of(options.as_of, "--as-of", invocation.now());
    auto known_at = time_of(options.known_at, "--known-at", invocation.now());
    if (!as_of || !known_at)
        return (as_of ? known_at : as_of).error();
    return registers::Moment{*as_of, *known_at};
}

// What cannot be written as a rule is named, and then nothing is written unless the rest was asked for.
Result<void> export_rules(Invocation& invocation, Database& database, const registers::Moment& moment, const Options& options) {
    auto rules = registers::export_usbguard_rules(database, moment.as_of, moment.known_at, options.terminal);
    if (!rules)
        return rules.error();
    for (const std::string& refused : rules->refused)
        std::cerr << refused << '\n';
    if (rules->refused.empty() || options.good_rows)
        std::cout << rules->text;
    if (!rules->refused.empty())
        invocation.end_with(ExitCode::checked_wrong);
    return {};
}

Result<void> export_entries(Invocation& invocation, Database& database, const Register& table, const Options& options) {
    auto moment = moment_of(invocation, options);
    if (!moment)
        return moment.error();
    if (options.usbguard)
        return export_rules(invocation, database, *moment, options);
    auto csv = registers::export_register(database, table, moment->as_of, moment->known_at);
    if (!csv)
        return csv.error();
    std::cout << *csv;
    return {};
}

Result<void> list(Invocation& invocation, Database& database, const Register& table, const Options& options) {
    auto moment = moment_of(invocation, options);
    if (!moment)
        return moment.error();
    auto entries = registers::entries_of(database, table, moment->as_of, moment->known_at);
    if (!entries)
        return entries.error();
    std::vector<std::string> header;
    for (const auto& column : table.columns)
        if (header.size() < kShownColumns && (column.required || options.json || table.written_by_enrolment))
            header.emplace_back(column.name);
    std::vector<Record> items;
    for (auto& entry : *entries)
        items.push_back(std::move(entry.data));
    print_items(header, items, options.json ? Format::json : Format::table);
    return {};
}

Result<void> show_history(Database& database, const Register& table, const Options& options) {
    auto versions = registers::versions_of(database, table, options.id);
    if (!versions)
        return versions.error();
    if (versions->empty())
        return Error(Errc::not_found, options.id + " was never in the register " + std::string(table.name));
    std::vector<Record> items;
    for (auto& version : *versions) {
        Record item{{"version", version.version},
                    {"valid_from", format_time(version.valid_from)},
                    {"valid_to", version.valid_to ? Value(format_time(*version.valid_to)) : Value()},
                    {"recorded_at", format_time(version.recorded_at)},
                    {"replaced_at", version.replaced_at ? Value(format_time(*version.replaced_at)) : Value()},
                    {"changed_by", version.changed_by},
                    {"change_reason", version.change_reason}};
        if (options.json)
            item.set("data", std::move(version.data));
        items.push_back(std::move(item));
    }
    print_items({"version", "valid_from", "valid_to", "recorded_at", "replaced_at", "changed_by", "change_reason"}, items,
                options.json ? Format::json : Format::table);
    return {};
}

void add_moment(CLI::App& command, const std::shared_ptr<Options>& options) {
    command.add_option("--as-of", options->as_of, "As it held at that time (default: now)");
    command.add_option("--known-at", options->known_at, "As it was known at that time (default: now)");
}

void add_import(CLI::App& group, Invocation& invocation, const Register& table) {
    auto options = std::make_shared<Options>();
    auto* import = group.add_subcommand("import", "Takes over a CSV file, all of it or nothing");
    import->add_option("FILE", options->file, "The file; its columns are explained in docs/formats/registers.md")->required();
    import->add_option("--reason", options->reason, "Why, for the register's history");
    import->add_option("--map", options->columns, "A column's name in the file and ours, 'Staff No=staff_id'; 'Remark=' leaves it out")
        ->allow_extra_args(false);
    import->add_flag("--preview", options->preview, "Say what would be added, changed and refused, and write nothing");
    import->add_flag("--good-rows", options->good_rows, "Take the rows without a fault though others have some");
    import->add_option("--valid-from", options->valid_from, "Since when it holds, for what is entered late (default: now)");
    import->add_flag("--json", options->json, "The outcome as JSON");
    if (table.name == "media") {
        auto* rules = import->add_flag("--usbguard", options->usbguard, "The file holds USBGuard's rules; rows are its lines");
        import->add_option("--set", options->constants, "What rules do not say, the same for all: 'owner=OP-1', 'valid_to=2027-06-30'")
            ->needs(rules)
            ->allow_extra_args(false);
    }
    import->callback([options, &invocation, &table] {
        const auto work = [&](Database& database) { return import_file(invocation, database, table, *options); };
        options->preview ? invocation.read_store(work) : invocation.change_store(work);
        if (table.name == "terminals" && !options->preview && invocation.exit_code() != ExitCode::environment_failed)
            invocation.read_store([&](Database& database) { return tell_broker(invocation, database); });
    });
}

void add_reading(CLI::App& group, Invocation& invocation, const Register& table) {
    auto options = std::make_shared<Options>();
    auto* write = group.add_subcommand("export", "Writes all entries as CSV to the standard output");
    add_moment(*write, options);
    if (table.name == "media") {
        auto* rules = write->add_flag("--usbguard", options->usbguard, "As USBGuard's rules: what is issued and valid, by its hash");
        write->add_option("--terminal", options->terminal, "Only what is allowed at that terminal")->needs(rules);
        write->add_flag("--good-rows", options->good_rows, "Write the others though some cannot be written as rules")->needs(rules);
    }
    write->callback([options, &invocation, &table] {
        invocation.read_store([&](Database& database) { return export_entries(invocation, database, table, *options); });
    });

    auto* show = group.add_subcommand("list", "Shows all entries");
    show->add_flag("--json", options->json, "As JSON, with every field");
    add_moment(*show, options);
    show->callback([options, &invocation, &table] {
        invocation.read_store([&](Database& database) { return list(invocation, database, table, *options); });
    });

    auto* history = group.add_subcommand("history", "Shows every version of one entry: since when, who, when and why");
    history->add_option("ID", options->id, "The entry")->required();
    history->add_flag("--json", options->json, "As JSON, with what the entry was");
    history->callback([options, &invocation, &table] {
        invocation.read_store([&](Database& database) { return show_history(database, table, *options); });
    });
}

void add_register(CLI::App& app, Invocation& invocation, const Register& table) {
    const std::string name(table.name);
    auto* group = app.add_subcommand(name, "The register of " + name)->require_subcommand(1);
    if (!table.written_by_enrolment)
        add_import(*group, invocation, table);
    add_reading(*group, invocation, table);
}

}  // namespace

void add_register_commands(CLI::App& app, Invocation& invocation) {
    for (const Register& table : registers::all_registers())
        add_register(app, invocation, table);
}

}  // namespace sallyport::ctl
