// SPDX-License-Identifier: Apache-2.0
#include "collector/alerts/alert_identity.hpp"

#include <algorithm>
#include <set>

#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "rules/engine/event_view.hpp"

namespace sallyport::alerts {
namespace {

// A person by the pseudonym, or by the account where the register knows none.
std::string person_of(const Record& fields) {
    const std::string ref = rules::field_text(fields, "operator.ref");
    return ref.empty() ? rules::field_text(fields, "operator_account") : ref;
}

bool groups_across_terminals(const rules::Finding& finding) {
    return finding.kind == rules::FindingKind::correlation && !finding.group.empty() &&
           std::none_of(finding.group.begin(), finding.group.end(),
                        [](const auto& pair) { return pair.first == "terminal_id"; });
}

}  // namespace

std::string rule_id_of(const rules::Rule& rule) {
    return rule.catalogue_id.empty() ? rule.key : rule.catalogue_id;
}

bool is_person_related(const rules::Rule& rule) {
    return rule.routing.psd_eligible || rule.catalogue_id.starts_with("OPR-") ||
           rule.catalogue_id == "SES-10" || rule.catalogue_id == "PRN-06";
}

std::string dedupe_key(const rules::Rule& rule, const rules::Finding& finding, const Record& fields) {
    List key{rule_id_of(rule)};
    std::set<std::string> named;
    const auto add = [&](const std::string& field, const std::string& value) {
        if (!value.empty() && named.insert(field).second) key.emplace_back(field + "=" + value);
    };
    for (const auto& [field, value] : finding.group) {
        if (field == "terminal_id") add(field, value);
    }
    if (!groups_across_terminals(finding)) add("terminal_id", rules::field_text(fields, "terminal_id"));
    if (is_person_related(rule)) add("person", person_of(fields));
    // Documents of one rule may group and name in their own order; the key does not depend on it.
    std::set<std::pair<std::string, std::string>> objects(finding.group.begin(), finding.group.end());
    for (const std::string& field : rule.object_fields)
        objects.emplace(field, rules::field_text(fields, field));
    for (const auto& [field, value] : objects)
        add(field, value);
    return write_json(Value(std::move(key)));
}

std::string alert_id(std::string_view rule_id, std::string_view key, ByteView first_leaf) {
    Bytes framed;
    append_framed(framed, rule_id);
    append_framed(framed, key);
    append_framed(framed, first_leaf);
    return to_hex(sha256(framed));
}

}  // namespace sallyport::alerts
