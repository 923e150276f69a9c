// SPDX-License-Identifier: Apache-2.0
//
// Each rule is broken in every small way, one at a time; one of its own scenarios has to notice. A term that
// can be left out without that is superfluous, or lacks its scenario.
#include <set>

#include "rules/engine/yaml_document.hpp"
#include "tests/rules/rule_mutants.hpp"
#include "tests/rules/shipped_rules.hpp"

namespace sallyport::rules {
namespace {

// What stands for a document elsewhere, and what it names itself.
struct Names {
    std::set<std::string> defined, used;
};

void collect_texts(const YamlNode& node, std::set<std::string>& texts) {
    if (node.is_scalar()) texts.insert(node.text);
    for (const YamlNode& item : node.items)
        collect_texts(item, texts);
    for (const YamlEntry& entry : node.entries)
        collect_texts(entry.value, texts);
}

Names names_in(const Source& source) {
    Names names;
    std::vector<Fault> faults;
    for (const YamlNode& document : parse_yaml(source, faults))
        for (const YamlEntry& entry : document.entries) {
            if (entry.key == "name" || entry.key == "id") names.defined.insert(entry.value.text);
            if (entry.key == "correlation" || entry.key == "absence" || entry.key == "sallyport")
                collect_texts(entry.value, names.used);
        }
    return names;
}

// A rule cannot be loaded without those it rests on; the others would only take time.
class Neighbourhood {
public:
    explicit Neighbourhood(std::vector<Source> sources) : sources_(std::move(sources)) {
        for (const Source& source : sources_)
            names_.push_back(names_in(source));
    }

    [[nodiscard]] const std::vector<Source>& sources() const { return sources_; }

    std::vector<Source> around(std::size_t number, const std::string& text) const {
        std::set<std::size_t> wanted{number};
        for (std::size_t before = 0; before != wanted.size();) {
            before = wanted.size();
            for (const std::size_t one : std::set<std::size_t>(wanted))
                for (std::size_t other = 0; other < sources_.size(); ++other)
                    if (rests_on(one, other)) wanted.insert(other);
        }
        std::vector<Source> chosen;
        for (const std::size_t one : wanted)
            chosen.push_back(one == number ? Source{sources_[one].file, text} : sources_[one]);
        return chosen;
    }

private:
    [[nodiscard]] bool rests_on(std::size_t one, std::size_t other) const {
        return std::any_of(names_[other].defined.begin(), names_[other].defined.end(),
                           [&](const std::string& name) { return names_[one].used.contains(name); });
    }

    std::vector<Source> sources_;
    std::vector<Names> names_;
};

bool all_pass(const std::vector<Scenario>& scenarios, const std::shared_ptr<const RuleSet>& rules) {
    return std::all_of(scenarios.begin(), scenarios.end(),
                       [&](const Scenario& scenario) { return run_scenario(scenario, rules).empty(); });
}

TEST(Mutation, GivenAnyPartOfARuleWhenChangedThenOneOfItsScenariosNotices) {
    const Neighbourhood shipped(shipped_sources());
    const std::vector<Scenario> scenarios = shipped_scenarios();
    std::size_t tried = 0;
    for (std::size_t i = 0; i < shipped.sources().size(); ++i) {
        const Source& source = shipped.sources()[i];
        const std::string stem = std::filesystem::path(source.file).stem().string();
        std::vector<Scenario> own;
        for (const Scenario& scenario : scenarios)
            if (std::filesystem::path(scenario.file).stem().string() == stem) own.push_back(scenario);
        for (const Mutant& mutant : mutants_of(source)) {
            ++tried;
            auto loaded = RuleSet::load(shipped.around(i, mutant.text));
            // What the loader refuses cannot slip in unseen.
            if (const auto* rules = std::get_if<0>(&loaded); rules != nullptr && all_pass(own, *rules))
                ADD_FAILURE() << source.file << ':' << mutant.line << ':' << mutant.column << ": "
                              << mutant.what << ": no scenario notices";
        }
    }
    RecordProperty("mutants", static_cast<int>(tried));
    EXPECT_GT(tried, 100U);
}

}  // namespace
}  // namespace sallyport::rules
