// SPDX-License-Identifier: Apache-2.0
//
// All that rules ask of one field's values, so arranged that a value finds the predicates it fulfils instead
// of each predicate being tried: equal texts by a hash, literals inside by one scan, numbers by sorted
// thresholds. Immutable once built; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/engine/event_view.hpp"
#include "rules/engine/hyperscan_literals.hpp"

namespace sallyport::rules {

// What one thread scans with.
struct FieldScan {
    std::unique_ptr<LiteralScratch> scratch = LiteralScratch::create();
    std::vector<std::uint32_t> literals;
};

class FieldIndex {
public:
    // Whether the index can answer this predicate; others have to be asked one by one.
    [[nodiscard]] static bool takes(const Predicate& predicate);
    // How many of a thousand values may fulfil it, guessed from its form: to choose between two.
    [[nodiscard]] static double guess(const Predicate& predicate);

    // `predicate` has to outlive the index.
    void add(const Predicate& predicate, int number);
    void build();
    // Makes the scratch fit for scan().
    void prepare(LiteralScratch& scratch) const;

    // Calls `fulfilled` with the number of every predicate that the value fulfils; some may come twice.
    template <class Fulfilled>
    void scan(EventView& view, EventView::Leaf& leaf, FieldScan& scan, const Fulfilled& fulfilled) const {
        for (const int number : every_)
            fulfilled(number);
        if (leaf.kind == JsonField::Kind::flag && database_ == nullptr) {
            if (const auto* uses = flag_uses_[leaf.text.size() == kTrue.size() ? 1 : 0]; uses != nullptr)
                for (const Use& use : *uses)
                    if (is_sure(use, view, leaf)) fulfilled(use.number);
            return;  // it is no number
        }
        if (!equal_.empty() || database_ != nullptr) {
            const std::string_view text = view.folded(leaf);
            if ((equal_lengths_ >> length_bit(text) & 1U) != 0)
                if (const auto at = equal_.find(text); at != equal_.end())
                    for (const Use& use : at->second)
                        if (is_sure(use, view, leaf)) fulfilled(use.number);
            if (database_ != nullptr) {
                scan.literals.clear();
                database_->scan(text, *scan.scratch, scan.literals);
                for (const std::uint32_t literal : scan.literals)
                    for (const Use& use : uses_of_[literal])
                        if (is_sure(use, view, leaf)) fulfilled(use.number);
            }
        }
        if (!numbers_.empty())
            if (const auto number = view.number(leaf)) compare_all(*number, fulfilled);
    }

    [[nodiscard]] std::size_t bytes() const;

private:
    static constexpr std::string_view kFalse = "false", kTrue = "true";
    // What is still to be looked at when the text or literal was found.
    enum class Check : std::uint8_t { none, contained, prefix, suffix, pattern, regex };
    struct Use {
        int number;
        Check check;
        const Predicate* predicate;
        std::string_view literal;  // all of it, where the database looks for its end only
    };
    // Predicates with one comparison, by their thresholds.
    struct Thresholds {
        Comparison comparison;
        std::vector<std::pair<double, int>> sorted;
    };

    [[nodiscard]] static unsigned length_bit(std::string_view text) {
        return static_cast<unsigned>(std::min<std::size_t>(text.size(), 63));
    }
    void add_text(const Predicate& predicate, const TextTest& test, int number);
    void add_equal(const std::string& text, Use use);
    void add_literal(const std::string& literal, Use use);
    [[nodiscard]] static bool is_sure(const Use& use, EventView& view, EventView::Leaf& leaf);

    template <class Fulfilled>
    void compare_all(double number, const Fulfilled& fulfilled) const {
        for (const Thresholds& thresholds : numbers_) {
            const auto& sorted = thresholds.sorted;
            auto from = sorted.begin(), to = sorted.end();
            const auto below = [](const auto& entry, double n) { return entry.first < n; };
            const auto above = [](double n, const auto& entry) { return n < entry.first; };
            switch (thresholds.comparison) {
                case Comparison::equal:
                    from = std::lower_bound(sorted.begin(), sorted.end(), number, below);
                    to = std::upper_bound(from, sorted.end(), number, above);
                    break;
                case Comparison::greater:
                    to = std::lower_bound(sorted.begin(), sorted.end(), number, below);
                    break;
                case Comparison::greater_or_equal:
                    to = std::upper_bound(sorted.begin(), sorted.end(), number, above);
                    break;
                case Comparison::less:
                    from = std::upper_bound(sorted.begin(), sorted.end(), number, above);
                    break;
                case Comparison::less_or_equal:
                    from = std::lower_bound(sorted.begin(), sorted.end(), number, below);
                    break;
                case Comparison::not_equal:
                    break;
            }
            for (; from != to; ++from)
                fulfilled(from->second);
        }
    }

    std::vector<int> every_;  // fulfilled by any value at all
    std::unordered_map<std::string_view, std::vector<Use>> equal_;
    const std::vector<Use>* flag_uses_[2] = {};  // of `false` and `true` among them: many fields are flags
    std::vector<std::unique_ptr<std::string>> texts_;  // what the views above look at
    std::uint64_t equal_lengths_ = 0;  // a bit for each length that there is; the last for all beyond
    std::unordered_map<std::string, std::size_t> literal_numbers_;
    std::vector<std::string> literals_;
    std::vector<std::vector<Use>> uses_of_;  // one a literal
    std::shared_ptr<const LiteralDatabase> database_;
    std::vector<Thresholds> numbers_;
};

}  // namespace sallyport::rules
