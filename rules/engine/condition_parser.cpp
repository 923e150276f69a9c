// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/condition_parser.hpp"

#include <charconv>
#include <optional>

#include "rules/engine/string_pattern.hpp"

namespace sallyport::rules {
namespace {

using Operation = Condition::Operation;

constexpr int kDepthMax = 64;

struct Word {
    std::string text;
    int offset = 0;
};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

std::vector<Word> split_words(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at;
            continue;
        }
        std::size_t end = at + 1;
        if (c != '(' && c != ')' && c != '|') end = text.find_first_of(" \t\r\n()|", at);
        if (end == std::string_view::npos) end = text.size();
        words.push_back({std::string(text.substr(at, end - at)), static_cast<int>(at)});
        at = end;
    }
    return words;
}

// Recursive descent; the first fault ends it.
class Parser {
public:
    explicit Parser(std::string_view text)
        : words_(split_words(text)), end_{"", static_cast<int>(text.size())} {}

    std::variant<Condition, ConditionFault> parse() {
        Condition condition = parse_or(0);
        if (!fault_ && at_ < words_.size())
            refuse(words_[at_], words_[at_].text == "|"
                                    ? "`| count()` is no longer Sigma: write a correlation document"
                                    : "expected `and`, `or` or the end");
        if (fault_) return *fault_;
        return condition;
    }

private:
    [[nodiscard]] const Word& peek(std::size_t ahead = 0) const {
        return at_ + ahead < words_.size() ? words_[at_ + ahead] : end_;
    }
    [[nodiscard]] bool next_is(std::string_view word) const { return lower(peek().text) == word; }

    Condition refuse(const Word& word, std::string message) {
        if (!fault_) fault_ = ConditionFault{word.offset, "condition: " + std::move(message)};
        return {};
    }

    Condition parse_or(int depth) { return parse_list("or", Operation::any, depth); }

    Condition parse_list(std::string_view joint, Operation operation, int depth) {
        if (depth > kDepthMax) return refuse(peek(), "nested too deeply");
        const auto part = [&] {
            return operation == Operation::any ? parse_list("and", Operation::all, depth) : parse_not(depth);
        };
        Condition first = part();
        if (fault_ || !next_is(joint)) return first;
        Condition whole;
        whole.operation = operation;
        whole.operands.push_back(std::move(first));
        while (!fault_ && next_is(joint)) {
            ++at_;
            whole.operands.push_back(part());
        }
        return whole;
    }

    Condition parse_not(int depth) {
        if (!next_is("not")) return parse_atom(depth);
        ++at_;
        if (depth > kDepthMax) return refuse(peek(), "nested too deeply");
        Condition negation;
        negation.operation = Operation::negation;
        negation.operands.push_back(parse_not(depth + 1));
        return negation;
    }

    Condition parse_atom(int depth) {
        if (at_ >= words_.size()) return refuse(end_, "something is missing at the end");
        const Word word = words_[at_++];
        const std::string folded = lower(word.text);
        if (word.text == "(") {
            Condition inner = parse_or(depth + 1);
            if (!fault_ && peek().text != ")") return refuse(peek(), "`)` is missing");
            ++at_;
            return inner;
        }
        if (folded == "and" || folded == "or" || folded == "not" || folded == "of" || word.text == ")" ||
            word.text == "|")
            return refuse(word, "a selection was expected before `" + word.text + "`");
        if (next_is("of")) return parse_of(word, folded);
        if (word.text.find('*') != std::string::npos)
            return refuse(word, "a pattern needs `1 of` or `all of` before it");
        return Condition{Operation::name, word.text, Condition::kAll, word.offset, {}};
    }

    Condition parse_of(const Word& quantity, const std::string& folded) {
        ++at_;
        int count = Condition::kAll;
        if (folded == "any") {
            count = 1;
        } else if (folded != "all") {
            const char* end = folded.data() + folded.size();
            const auto [rest, error] = std::from_chars(folded.data(), end, count);
            if (error != std::errc{} || rest != end || count < 1)
                return refuse(quantity, "`all`, `any` or a number from 1 was expected before `of`");
        }
        const Word& name = peek();
        if (at_ >= words_.size() || name.text == "(" || name.text == ")" || name.text == "|")
            return refuse(name, "`them`, a name or a pattern was expected after `of`");
        ++at_;
        return Condition{Operation::of, name.text, count, name.offset, {}};
    }

    std::vector<Word> words_;
    Word end_;
    std::size_t at_ = 0;
    std::optional<ConditionFault> fault_;
};

}  // namespace

std::variant<Condition, ConditionFault> parse_condition(std::string_view text) {
    return Parser(text).parse();
}

bool fits(std::string_view pattern, std::string_view name) {
    if (pattern == "them") return !name.starts_with('_');
    return StringPattern::parse(pattern).matches(name);
}

}  // namespace sallyport::rules
