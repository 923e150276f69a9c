// SPDX-License-Identifier: Apache-2.0
//
// A document between the steps of loading: read by itself, what it refers to not yet looked up. And what the
// readers of correlations and absences have in common.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rules/engine/compiled_rules.hpp"
#include "rules/engine/sallyport_block.hpp"

namespace sallyport::rules {

// A name that one document uses for another, where it stands, and what for.
struct Reference {
    enum class Use { part, after, without, gate, clear };

    std::string name;
    Place place;
    Use use = Use::part;
};

enum class DocumentKind { detection, correlation, absence, filter };

struct Draft {
    DocumentKind kind = DocumentKind::detection;
    int rule = -1;  // its number; -1: a filter
    std::string file;
    Place place;
    const YamlNode* document = nullptr;
    SallyportBlock block;
    LogsourceFilter logsource;
    bool ours = false;  // says so by its product or by a catalogue id
    std::vector<Reference> references;
    std::optional<bool> generate;  // of what it refers to
    const YamlEntry* aliases = nullptr;
    const YamlEntry* group_by = nullptr;
    const YamlEntry* condition = nullptr;
    Expression filter;
    bool filters_all = false;
    std::vector<std::string> lists;  // that a filter asks for
};

// Names of rules: one, or a list of them.
[[nodiscard]] std::vector<Reference> read_references(const YamlEntry& entry, const Reporter& report);
// The timespan of a document, and the parameter that may set it.
[[nodiscard]] Timespan read_timespan(const YamlEntry& entry, const std::string& path, Draft& draft,
                                     const Reporter& report);
// Where the document is one of ours, its groups are made of our fields.
[[nodiscard]] std::vector<std::string> read_group_by(const YamlEntry& entry, Draft& draft,
                                                     const Reporter& report);
[[nodiscard]] bool flag_of_entry(const YamlEntry& entry, const Reporter& report);

// `correlation:`, without what its references have to be looked up for.
[[nodiscard]] CorrelationSpec read_correlation(const YamlEntry& body, Draft& draft, const Reporter& report);
// `absence:`, likewise.
[[nodiscard]] AbsenceSpec read_absence(const YamlEntry& body, Draft& draft, const Reporter& report);

}  // namespace sallyport::rules
