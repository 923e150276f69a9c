// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/redaction.hpp"

#include "collector/registers/privacy.hpp"
#include "protocol/json.hpp"

namespace sallyport::evidence {
namespace {

// Of an event's body: who asked for something, by the operating system's account.
constexpr std::string_view kAccountOfBody = "requested_by";
// Free text and lists of the registers that may name a person or an account.
constexpr std::string_view kTextsOnPeople[] = {"custody_note", "performed_by", "shared_accounts"};

bool is_text_on_people(std::string_view column) {
    for (const std::string_view name : kTextsOnPeople)
        if (name == column) return true;
    return false;
}

template <class Use>
void each_account(const Record& operator_entry, const Use& use) {
    const Value* accounts = operator_entry.find("os_accounts");
    if (accounts == nullptr) return;
    if (const auto* one = accounts->as<std::string>()) use(*one);
    if (const auto* list = accounts->as<List>())
        for (const Value& item : *list)
            if (const auto* one = item.as<std::string>()) use(*one);
}

}  // namespace

Redaction::Redaction(BundleForm form, const registers::RegisterSnapshot& registers, WallTime now) : form_(form) {
    registers.each("operators", {now, now}, [this](const std::string& id, const Record& entry) {
        each_account(entry, [&](const std::string& account) { known_.emplace(account, id); });
    });
}

std::string Redaction::pseudonym_of(const std::string& account) {
    if (const auto known = known_.find(account); known != known_.end()) return known->second;
    // A hash of a short name could be guessed back: it is numbered.
    return unknown_.try_emplace(account, "unregistered account " + std::to_string(unknown_.size() + 1)).first->second;
}

void Redaction::apply(EventEntry& entry) {
    if (form_ == BundleForm::full || !entry.line) return;
    auto line = read_json_record(*entry.line);
    if (!line) {  // nobody can tell whether it names one
        entry.line.reset();
        entry.withheld = "unreadable";
        return;
    }
    const Value* body = line->find("body");
    const Record* fields = body == nullptr ? nullptr : body->as<Record>();
    const std::string account(text_of(*line, "operator_account"));
    const std::string asked(fields == nullptr ? std::string_view() : text_of(*fields, kAccountOfBody));
    if (account.empty() && asked.empty()) return;

    Record copy;
    for (const auto& [name, value] : *line) {
        if (name == "nonce") continue;  // with it, the account could be guessed back from the leaf
        copy.append(name, value);
    }
    if (!account.empty()) copy.set("operator_account", pseudonym_of(account));
    if (!asked.empty()) {
        Record masked = *fields;
        masked.set(kAccountOfBody, pseudonym_of(asked));
        copy.set("body", std::move(masked));
    }
    entry.shown = std::move(copy);
    entry.line.reset();
    entry.withheld = "names_account";
}

Record Redaction::shown(std::string_view register_name, const Record& data) const {
    const registers::Register* table = registers::find_register(register_name);
    Record kept;
    for (const auto& [name, value] : data) {
        const auto privacy = table == nullptr ? registers::Privacy::personnel : registers::privacy_of(*table, name);
        const bool open = privacy == registers::Privacy::open && !is_text_on_people(name);
        if (open || (form_ == BundleForm::full && privacy != registers::Privacy::personnel)) kept.append(name, value);
    }
    return kept;
}

bool Redaction::shows_acts_of(std::string_view role) const {
    return form_ == BundleForm::full || !role.starts_with("psd");
}

}  // namespace sallyport::evidence
