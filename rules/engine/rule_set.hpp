// SPDX-License-Identifier: Apache-2.0
//
// Rules as loaded: Sigma 2.1 documents (detection, correlation, filter) and our absence document, checked and
// ready to be compiled into an engine. Format: docs/formats/rules.md. Anything not understood is a fault with
// file, line and column; nothing is ever ignored in silence.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/value.hpp"
#include "rules/engine/placeholders.hpp"

namespace sallyport::rules {

struct Fault {
    std::string file;
    int line = 0;    // from 1
    int column = 0;  // from 1
    std::string message;

    [[nodiscard]] std::string text() const;  // file:line:column: message
};

struct Source {
    std::string file;
    std::string text;
};

enum class Basis { policy, project };  // [P] may only be tightened, D is tunable per site with a reason

enum class Tighter { lower, higher };  // which way a parameter becomes stricter

struct Parameter {
    std::string name;
    double value = 0;  // seconds or a count: what the document itself says
    Basis basis = Basis::project;
    Tighter tighter = Tighter::lower;
};

// Whether a site's value is as strict as the rule's own, or stricter. A policy parameter takes no other: the
// engine keeps the rule's own value then, and whoever offers the value should refuse it with this same
// question.
[[nodiscard]] bool is_tightening(const Parameter& parameter, double value);

// Where alerts of this rule go: by severity, `queue` (SPOC) or `digest` (custodian's daily digest).
struct Routing {
    std::map<std::string, std::string> lane_by_severity;
    int queue_from_nth_in_day = 0;  // e.g. 3: the third in a day goes to the queue after all; 0: never
    std::vector<std::string> to;    // SPOC, ACC, CCA, custodian, ...
    bool psd_eligible = false;
};

// What one document says about itself.
struct Rule {
    std::string key;  // id, else name, else title: what a finding carries
    std::string id, name, title;
    std::string catalogue_id;             // e.g. USB-01; several documents may make up one catalogue rule
    std::string level;                    // informational, low, medium, high, critical
    std::string version;                  // SHA-256 of the source text it was loaded from
    // SHA-256 of what the document says and of all it rests on: other documents, filters, lists. Equal: it asks the same.
    std::string fingerprint;
    std::vector<std::string> lists;       // names of the `%lists%` that it and its filters ask for
    std::vector<std::string> references;  // clauses, with the policy's version
    std::vector<Parameter> parameters;
    Routing routing;
    std::vector<std::string> object_fields;  // what distinguishes two alerts of one rule at one terminal
    std::string summary;                     // one sentence with {field} placeholders
    bool state_alert = false;                // clears itself when the cause ends
    bool live_at_once = false;               // not held in observe at a new site (decision 11)
    bool generates = true;                   // false: only feeds correlations
    std::vector<std::string> implies;        // catalogue ids whose alerts this one takes off the queue
    // Kind of window (maintenance, visitor, enrolment) -> how grave an alert within it still is (info ..
    // critical).
    std::map<std::string, std::string> windows;
    // What nothing sends yet: an event type, or `console.action:<action>`. Till then the rule is inactive: it is judged,
    // so that its scenarios hold, but raises nothing.
    std::vector<std::string> needs;
    std::string file;
    int line = 0;

    [[nodiscard]] bool is_inactive() const { return !needs.empty(); }
};

class RuleSet {
public:
    // All or nothing: either every document of every source is understood, or all faults are returned.
    // `placeholders` is asked while loading only; without it a rule with `expand` is refused.
    [[nodiscard]] static std::variant<std::shared_ptr<const RuleSet>, std::vector<Fault>> load(
        const std::vector<Source>& sources, const PlaceholderSource& placeholders = {});
    virtual ~RuleSet() = default;

    [[nodiscard]] virtual const std::vector<Rule>& rules() const = 0;
    [[nodiscard]] virtual const Rule* find(std::string_view key) const = 0;
    // What is understood, but perhaps not what its author meant; in the order of file and line.
    [[nodiscard]] virtual const std::vector<Fault>& warnings() const = 0;
    // The lists that the rules rest on, as they were when loaded; by name.
    [[nodiscard]] virtual const std::map<std::string, PlaceholderList>& lists() const = 0;
};

}  // namespace sallyport::rules
