// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/usbguard_media.hpp"

#include <algorithm>
#include <set>

#include "collector/registers/county_time.hpp"
#include "collector/registers/csv.hpp"
#include "collector/registers/register_entries.hpp"
#include "protocol/schema.hpp"
#include "protocol/usb_identity.hpp"

namespace sallyport::registers {
namespace {

using usbguard::InterfaceType;
using usbguard::Operator;
using usbguard::Rule;

constexpr std::size_t kIdDigits = 12;  // of the serial's hash in a media_id of our own

const Register& media() { return *find_register("media"); }

// The one value of an attribute that has just one.
template <class Value>
const Value* only(const std::optional<usbguard::Values<Value>>& values) {
    const bool one = values && values->all.size() == 1 &&
                     (values->how == Operator::equals || values->how == Operator::one_of ||
                      values->how == Operator::all_of || values->how == Operator::equals_ordered);
    return one ? &values->all.front() : nullptr;
}

bool is_id(const std::string& text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_token_character);
}

// One rule, as the cells of one row or as what is wrong with it.
class RuleReading {
public:
    RuleReading(std::size_t line, const Rule& rule, const std::map<std::string, std::string>& constants)
        : line_(line), rule_(rule), constants_(constants) {}

    void read() {
        read_permission();
        read_device();
        read_hash();
        read_kind();
        read_names();
        note_what_is_not_kept();
    }

    std::map<std::string, std::string> cells;
    std::vector<CellFault> faults, notes;

private:
    void fault(std::string_view what, std::string why) { faults.push_back({line_, std::string(what), std::move(why)}); }
    void note(std::string_view what, std::string why) { notes.push_back({line_, std::string(what), std::move(why)}); }

    void read_permission() {
        if (rule_.target != usbguard::Target::allow)
            fault("target", std::string(to_text(rule_.target)) + " permits nothing; the register holds what is permitted");
        if (!rule_.conditions) return;
        const auto* condition = only(rule_.conditions);
        if (condition == nullptr || (condition->name == "true") == condition->negated ||
            (condition->name != "true" && condition->name != "false"))
            fault("if", "the register has no conditions; say until when and where by valid_to and terminals_allowed");
    }

    void read_device() {
        const auto* id = only(rule_.id);
        const std::string* serial = only(rule_.serial);
        if (id == nullptr || !id->vid || !id->pid) fault("id", "an entry is of one vendor and product");
        if (serial == nullptr || serial->empty())
            fault("serial", "a rule without one serial number permits a model and no device; a model belongs on the "
                            "terminal's usb_allowlist as vid:pid");
        else if (!names_one_device(*serial))
            fault("serial", "'" + *serial + "' is a number that many devices of a model have: it names no single one");
        if (!faults.empty()) return;
        cells["vid"] = usb_id(*id->vid);
        cells["pid"] = usb_id(*id->pid);
        cells["serial_hash"] = device_hash(*id->vid, *id->pid, *serial);
    }

    void read_hash() {
        if (!rule_.hash) return;
        const std::string* hash = only(rule_.hash);
        const auto bytes = hash == nullptr ? Result<Bytes>(Error(Errc::bad_input, "several")) : from_base64(*hash);
        if (!bytes || bytes->size() != sizeof(Digest))
            fault("hash", "one hash as USBGuard writes it was expected (base64 of 32 bytes)");
        else
            cells["usbguard_hash"] = to_hex(*bytes);
    }

    // From the interfaces, where all of them are of one sort.
    void read_kind() {
        if (!rule_.with_interface) {
            if (!constants_.contains("kind")) fault("kind", "the rule names no interface; say it with --set kind=...");
            return;
        }
        std::set<std::uint8_t> types;
        for (const InterfaceType& one : rule_.with_interface->all)
            types.insert(one.type);
        const bool says_what_it_is = rule_.with_interface->how != Operator::none_of;
        if (types == std::set<std::uint8_t>{0x08} && says_what_it_is)
            cells["kind"] = "usb_storage";
        else if (types == std::set<std::uint8_t>{0x03} && says_what_it_is)
            cells["kind"] = "token_hid";
        else if (types == std::set<std::uint8_t>{0x0b} && says_what_it_is)
            cells["kind"] = "smartcard_reader";
        else if (types.contains(0x06))
            cells["kind"] = "phone_or_mtp";
        else if (types.contains(0x08) && types.size() > 1)
            fault("with-interface", "storage that is something else as well is no medium (USB-07)");
        else if (!constants_.contains("kind"))
            fault("kind", "the interfaces do not tell it; say it with --set kind=...");
    }

    void read_names() {
        const std::string* label = only(rule_.label);
        if (label != nullptr && is_id(*label))
            cells["media_id"] = *label;
        else if (cells.contains("serial_hash"))
            cells["media_id"] = "UG-" + cells["serial_hash"].substr(0, kIdDigits);
        const std::string* name = only(rule_.name);
        cells["label"] = name != nullptr && !name->empty() ? *name : cells["media_id"];
    }

    void note_what_is_not_kept() {
        const auto unkept = [&](std::string_view what, bool there, std::string_view why) {
            if (there) note(what, "is not kept: " + std::string(why));
        };
        unkept("parent-hash", rule_.parent_hash.has_value(), "where a device hangs is evidence and no key");
        unkept("via-port", rule_.via_port.has_value(), "where a device hangs is evidence and no key");
        unkept("with-connect-type", rule_.with_connect_type.has_value(), "where a device hangs is evidence and no key");
        unkept("with-interface", rule_.with_interface && !rule_.hash, "without a hash the register knows the serial alone");
        unkept("key", rule_.key.has_value(), "the register has none");
    }

    const std::size_t line_;
    const Rule& rule_;
    const std::map<std::string, std::string>& constants_;
};

// Rules as the CSV that import_register() takes, and which line each of its rows is.
class Translation {
public:
    Translation(const std::map<std::string, std::string>& constants, const std::vector<store::RegisterEntry>& known)
        : constants_(constants) {
        for (const store::RegisterEntry& entry : known)
            known_.emplace(text_of(entry.data, "serial_hash"), entry.id);
        table_.header = {"media_id", "label", "kind", "vid", "pid", "serial_hash", "usbguard_hash"};
        for (const auto& [column, cell] : constants_)
            if (std::find(table_.header.begin(), table_.header.end(), column) == table_.header.end())
                table_.header.push_back(column);
    }

    void add(const usbguard::NumberedRule& numbered) {
        RuleReading reading(numbered.line, numbered.rule, constants_);
        reading.read();
        notes.insert(notes.end(), reading.notes.begin(), reading.notes.end());
        faults.insert(faults.end(), reading.faults.begin(), reading.faults.end());
        if (!reading.faults.empty()) return;
        if (const auto known = known_.find(reading.cells["serial_hash"]); known != known_.end())
            reading.cells["media_id"] = known->second;
        CsvRecord record;
        for (const std::string& column : table_.header) {
            const auto said = constants_.find(column);
            record.push_back(guard_formula(said != constants_.end() ? said->second : reading.cells[column]));
        }
        table_.records.push_back(std::move(record));
        lines_.push_back(numbered.line);
    }

    [[nodiscard]] std::string csv() const { return write_csv(table_); }
    // Row 1 is what was given from outside.
    [[nodiscard]] std::size_t line_of(std::size_t row) const { return row < 2 ? 0 : lines_.at(row - 2); }

    std::vector<CellFault> faults, notes;

private:
    const std::map<std::string, std::string>& constants_;
    std::map<std::string, std::string, std::less<>> known_;
    CsvTable table_;
    std::vector<std::size_t> lines_;
};

void by_line(std::vector<CellFault>& faults, const Translation& translation) {
    for (CellFault& fault : faults)
        fault.row = translation.line_of(fault.row);
}

void merge(std::vector<CellFault>& into, const std::vector<CellFault>& more) {
    into.insert(into.end(), more.begin(), more.end());
    std::stable_sort(into.begin(), into.end(), [](const CellFault& a, const CellFault& b) { return a.row < b.row; });
}

bool is_issued_on(const Record& medium, std::string_view day) {
    return text_of(medium, "status") == "issued" && text_of(medium, "valid_from") <= day && day <= text_of(medium, "valid_to");
}

bool is_allowed_at(const Record& medium, std::string_view terminal) {
    const Value* allowed = medium.find("terminals_allowed");
    const List* list = allowed == nullptr ? nullptr : allowed->as<List>();
    return terminal.empty() || (list != nullptr && std::any_of(list->begin(), list->end(), [&](const Value& one) {
               const auto* id = one.as<std::string>();
               return id != nullptr && (*id == terminal || *id == "any_terminal");
           }));
}

std::uint16_t usb_number(const Record& medium, std::string_view field) {
    const auto bytes = from_hex(text_of(medium, field));
    return bytes && bytes->size() == 2 ? static_cast<std::uint16_t>((*bytes)[0] << 8 | (*bytes)[1]) : std::uint16_t{0};
}

Rule rule_for(const std::string& id, const Record& medium) {
    Rule rule;
    rule.target = usbguard::Target::allow;
    rule.id.emplace().all = {{usb_number(medium, "vid"), usb_number(medium, "pid")}};
    rule.hash.emplace().all = {to_base64(*from_hex(text_of(medium, "usbguard_hash")))};
    rule.label.emplace().all = {id};
    return rule;
}

}  // namespace

Result<ImportOutcome> import_usbguard_rules(Database& database, std::string_view rules,
                                            const std::map<std::string, std::string>& constants, const Change& change,
                                            const ImportOptions& options) {
    const usbguard::RuleSet set = usbguard::read_rule_set(rules);
    auto known = entries_of(database, media(), change.now, change.now);
    if (!known) return known.error();
    Translation translation(constants, *known);
    for (const usbguard::RuleFault& fault : set.faults)
        translation.faults.push_back({fault.line, "", fault.reason});
    for (const usbguard::NumberedRule& rule : set.rules)
        translation.add(rule);
    const bool broken = !translation.faults.empty() && !options.good_rows;
    ImportOptions how = options;
    how.preview = options.preview || broken;
    auto outcome = import_register(database, media(), translation.csv(), change, how);
    if (!outcome) return outcome;
    for (auto* list : {&outcome->faults, &outcome->notes})
        by_line(*list, translation);
    for (RowChange& each : outcome->changes)
        each.row = translation.line_of(each.row);
    merge(outcome->faults, translation.faults);
    merge(outcome->notes, translation.notes);
    return outcome;
}

Result<UsbguardRules> export_usbguard_rules(Database& database, WallTime as_of, WallTime known_at,
                                            std::string_view terminal) {
    auto entries = entries_of(database, media(), as_of, known_at);
    if (!entries) return entries.error();
    UsbguardRules found;
    const std::string today = format_date(county_day(as_of));
    for (const store::RegisterEntry& entry : *entries) {
        if (!is_issued_on(entry.data, today) || !is_allowed_at(entry.data, terminal)) continue;
        if (text_of(entry.data, "usbguard_hash").empty())
            found.refused.push_back(entry.id + ": it has no usbguard_hash, and its serial number is not kept");
        else
            found.text += write_rule(rule_for(entry.id, entry.data)) + "\n";
    }
    return found;
}

}  // namespace sallyport::registers
