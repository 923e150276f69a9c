// SPDX-License-Identifier: Apache-2.0
//
// Our own kind of document: what did not come. Format: docs/formats/rules.md, "Absence".
#include <algorithm>
#include <array>

#include "rules/engine/document_draft.hpp"
#include "rules/engine/field_catalogue.hpp"

namespace sallyport::rules {
namespace {

class AbsenceReader {
public:
    AbsenceReader(const YamlEntry& body, Draft& draft, const Reporter& report)
        : body_(body), draft_(draft), report_(report) {}

    AbsenceSpec read() {
        if (!body_.value.is_map()) {
            report_(body_.value.place, "`absence` must be a map");
            return {};
        }
        for (const YamlEntry& entry : body_.value.entries)
            read_entry(entry);
        for (const auto& [name, entry] : {std::pair("without", without_), std::pair("timespan", timespan_)})
            if (entry == nullptr) report_(body_.place, "`absence` needs '" + std::string(name) + "'");
        if (each_ == nullptr)
            check_groups();
        else
            check_members();
        for (const auto& [entry, use] :
             {std::pair(after_, Reference::Use::after), std::pair(without_, Reference::Use::without),
              std::pair(gate_, Reference::Use::gate)})
            refer(entry, use);
        return std::move(spec_);
    }

private:
    void read_entry(const YamlEntry& entry) {
        if (entry.key == "after")
            after_ = &entry;
        else if (entry.key == "without")
            without_ = &entry;
        else if (entry.key == "while")
            gate_ = &entry;
        else if (entry.key == "for-each")
            each_ = &entry;
        else if (entry.key == "group-by")
            group_by_ = &entry;
        else if (entry.key == "timespan")
            timespan_ = &entry;
        else if (entry.key == "generate")
            draft_.generate = flag_of_entry(entry, report_);
        else
            report_(entry.place, "`absence` has no entry '" + entry.key + "'");
        if (&entry == timespan_)
            spec_.state.timespan = read_timespan(entry, "absence.timespan", draft_, report_);
    }

    void check_groups() {
        if (after_ == nullptr)
            report_(body_.place,
                    "`absence` needs 'after', or 'for-each' to say of whom something is missing");
        if (gate_ != nullptr) report_(gate_->place, "`while` is asked of a member: it needs 'for-each'");
        if (group_by_ == nullptr)
            report_(body_.place, "`absence` needs 'group-by'");
        else
            spec_.state.group_by = read_group_by(*group_by_, draft_, report_);
    }

    void check_members() {
        const auto field = member_field(each_->value.text);
        if (!each_->value.is_scalar() || field.empty())
            report_(each_->value.place, "there is no register of '" + each_->value.text +
                                            "' to expect members of; there is 'terminal'");
        if (group_by_ != nullptr) report_(group_by_->place, "`group-by` says nothing beside `for-each`");
        spec_.state.each = each_->value.text;
        spec_.state.group_by = {std::string(field)};
    }

    void refer(const YamlEntry* entry, Reference::Use use) {
        if (entry == nullptr) return;
        if (!entry->value.is_scalar() || entry->value.text.empty())
            report_(entry->value.place, "'" + entry->key + "' names a rule by id or name");
        else
            draft_.references.push_back({entry->value.text, entry->value.place, use});
    }

    const YamlEntry& body_;
    Draft& draft_;
    const Reporter& report_;
    AbsenceSpec spec_;
    const YamlEntry *after_ = nullptr, *without_ = nullptr, *gate_ = nullptr, *each_ = nullptr;
    const YamlEntry *group_by_ = nullptr, *timespan_ = nullptr;
};

}  // namespace

AbsenceSpec read_absence(const YamlEntry& body, Draft& draft, const Reporter& report) {
    return AbsenceReader(body, draft, report).read();
}

}  // namespace sallyport::rules
