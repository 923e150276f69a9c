// SPDX-License-Identifier: Apache-2.0
//
// How fast rules are judged, beside what only reading and scanning the same events costs. One thread, CPU
// time, the median of five rounds; prints one JSON object a figure.
#include <malloc.h>
#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>

#include "collector/alerts/event_fields.hpp"
#include "protocol/json.hpp"
#include "rules/engine/case_fold.hpp"
#include "rules/engine/engine.hpp"
#include "rules/engine/matcher.hpp"
#include "rules/engine/rule_files.hpp"
#include "tests/bench/own_events.hpp"

namespace sallyport::bench {
namespace {

using rules::CompiledRules;
using rules::Logsource;
using rules::Matcher;
using rules::MatchIndex;

constexpr int kRounds = 5;
constexpr JsonLimits kLimits{1 << 20, 16, 65'536, true};

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

double seconds_of(const std::function<void()>& work) {
    const double start = cpu_seconds();
    work();
    return cpu_seconds() - start;
}

double median_of_rounds(const std::function<void()>& work) {
    std::vector<double> seconds;
    for (int i = 0; i < kRounds; ++i)
        seconds.push_back(seconds_of(work));
    return median(std::move(seconds));
}

void print(const std::string& what, double figure, const std::string& unit) {
    std::cout << write_json(Record{{"what", what}, {"figure", figure}, {"unit", unit}}) << std::endl;
}

// One pass over all events.
struct Pass {
    std::string what;
    std::function<void()> once;
};

// Events a second of each pass, and each beside the first: in every round all of them run one after the
// other, so that whatever else the machine does meets all of them alike.
void compare(std::size_t events, const std::vector<Pass>& passes) {
    const std::size_t repeats = 80'000 / events;
    std::vector<std::vector<double>> rates(passes.size()), ratios(passes.size());
    for (int round = 0; round <= kRounds; ++round)
        for (std::size_t i = 0; i < passes.size(); ++i) {
            const double seconds = seconds_of([&] {
                for (std::size_t repeat = 0; repeat < repeats; ++repeat)
                    passes[i].once();
            });
            if (round == 0) continue;  // warms the caches
            rates[i].push_back(static_cast<double>(events * repeats) / seconds / 1000);
            ratios[i].push_back(rates[i].back() / rates[0].back());
        }
    for (std::size_t i = 0; i < passes.size(); ++i)
        std::cout << write_json(Record{{"what", passes[i].what},
                                       {"figure", median(rates[i])},
                                       {"unit", "k events/s"},
                                       {"beside", passes[0].what},
                                       {"ratio", median(ratios[i])}})
                  << std::endl;
}

// --- what is judged
// -------------------------------------------------------------------------------------------

struct ForeignEvent {
    std::string line;
    std::optional<Logsource> logsource;
};

std::vector<std::string> texts_of(const Record& record, std::string_view name) {
    std::vector<std::string> texts;
    for (const Value& text : *record.find(name)->as<List>())
        texts.push_back(*text.as<std::string>());
    return texts;
}

std::vector<ForeignEvent> read_foreign_events(const std::string& file) {
    std::vector<ForeignEvent> events;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) {
        const Record record = *read_json_record(line, kLimits);
        const Record& source = *record.find("logsource")->as<Record>();
        // The event's own text, not written anew: numbers and escapes stay as they came.
        const auto at = line.find("\"event\": ") + 9;
        events.push_back({line.substr(at, line.rfind('}') - at),
                          Logsource{std::string(text_of(source, "product")), texts_of(source, "category"),
                                    texts_of(source, "service")}});
    }
    return events;
}

// Those documents of the source whose id is in the list.
rules::Source only(const rules::Source& source, const std::set<std::string>& ids) {
    rules::Source chosen{source.file, {}};
    for (std::size_t from = 0; from < source.text.size();) {
        const auto end = std::min(source.text.find("\n---", from), source.text.size());
        const std::string document = source.text.substr(from, end - from);
        if (const auto id = document.find("\nid: ");
            id != std::string::npos && ids.contains(document.substr(id + 5, 36)))
            chosen.text += document + "\n---\n";
        from = end + 4;
    }
    return chosen;
}

std::set<std::string> read_ids(const std::string& file) {
    std::set<std::string> ids;
    std::ifstream stream(file);
    for (std::string id; stream >> id;)
        ids.insert(id);
    return ids;
}

std::shared_ptr<const CompiledRules> load(const std::vector<rules::Source>& sources) {
    auto loaded = rules::RuleSet::load(sources);
    if (const auto* faults = std::get_if<std::vector<rules::Fault>>(&loaded)) {
        std::cerr << faults->front().text() << '\n';
        std::exit(2);
    }
    return std::static_pointer_cast<const CompiledRules>(std::get<0>(loaded));
}

double own_threshold(const rules::NumberTest& test) {
    return test.threshold;
}

// --- limits
// ---------------------------------------------------------------------------------------------------

// Every key and string of a line unescaped, nothing kept.
class PlainReader {
public:
    template <class Use>
    void read(const simdjson::padded_string& line, const Use& use) {
        auto document = parser_.iterate(line);
        for (auto field : document.get_object()) {
            const std::string_view key = field.unescaped_key();
            auto value = field.value();
            if (value.type() == simdjson::ondemand::json_type::string)
                use(key, std::string_view(value.get_string()));
        }
    }

private:
    simdjson::ondemand::parser parser_;
};

// The literals of a rule set, one database a field, and nothing of rules.
class PlainScanner {
public:
    explicit PlainScanner(const CompiledRules& rules) {
        std::map<std::string, std::set<std::string>> by_field;
        for (const rules::Predicate& predicate : rules.table.predicates())
            if (const auto* text = std::get_if<rules::TextTest>(&predicate.test);
                text != nullptr && predicate.field >= 0)
                for (const auto& piece : text->pattern.pieces())
                    if (piece.kind == rules::PatternPiece::Kind::literal)
                        by_field[rules.table.fields()[static_cast<std::size_t>(predicate.field)]].insert(
                            piece.text);
        for (const auto& [field, literals] : by_field) {
            auto database = rules::LiteralDatabase::compile({literals.begin(), literals.end()});
            database->prepare(*scratch_);
            databases_.emplace(field, std::move(database));
        }
    }
    std::size_t scan(std::string_view field, std::string_view text) {
        const auto at = databases_.find(field);
        if (at == databases_.end()) return 0;
        found_.clear();
        at->second->scan(text, *scratch_, found_);
        return found_.size();
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, std::shared_ptr<const rules::LiteralDatabase>, Hash, std::equal_to<>>
        databases_;
    std::unique_ptr<rules::LiteralScratch> scratch_ = rules::LiteralScratch::create();
    std::vector<std::uint32_t> found_;
};

volatile std::size_t sink = 0;

void bench_foreign(const std::filesystem::path& sigma) {
    const auto events = read_foreign_events(sigma / "bench" / "events.jsonl");
    const auto source = rules::read_sources({sigma / "matrix" / "rules.yml"})->front();
    std::vector<simdjson::padded_string> padded;
    std::size_t bytes = 0;
    for (const auto& event : events) {
        padded.emplace_back(event.line);
        bytes += event.line.size();
    }
    print("bytes an event", static_cast<double>(bytes) / static_cast<double>(events.size()), "bytes");
    const auto bench_rules = [&](const std::string& name, const rules::Source& chosen) {
        const auto loaded = load({chosen});
        PlainReader reader;
        PlainScanner scanner(*loaded);
        rules::TextArena arena;
        Matcher matcher(loaded);
        std::size_t matched = 0;
        compare(events.size(),
                {{"limit: read, beside " + name,
                  [&] {
                      for (const auto& line : padded)
                          reader.read(line, [](std::string_view, std::string_view text) {
                              sink = sink + text.size();
                          });
                  }},
                 {"limit: read, fold, scan, " + name,
                  [&] {
                      for (const auto& line : padded) {
                          arena.clear();
                          reader.read(line, [&](std::string_view field, std::string_view text) {
                              sink = sink + scanner.scan(field, rules::fold_case(text, arena));
                          });
                      }
                  }},
                 {"lines judged, " + name, [&] {
                      matched = 0;
                      for (std::size_t i = 0; i < events.size(); ++i)
                          matched += (*matcher.match({std::string_view(padded[i]), true}, events[i].logsource,
                                                     own_threshold))
                                         ->size();
                  }}});
        print("matches, " + name, static_cast<double>(matched), "");
    };
    bench_rules("100 rules", only(source, read_ids(sigma / "bench" / "rules100.txt")));
    bench_rules("1000 rules", only(source, read_ids(sigma / "bench" / "rules1000.txt")));
    bench_rules("1482 rules", source);

    std::size_t count = 0, index_bytes = 0;
    const auto before = mallinfo2().uordblks;
    std::shared_ptr<const MatchIndex> index;
    print("rules read", median_of_rounds([&] { count = load({source})->rules().size(); }) * 1000, "ms");
    print("rules read and compiled", median_of_rounds([&] {
                                         index.reset();
                                         index = MatchIndex::build(load({source}));
                                         index_bytes = index->bytes();
                                     }) * 1000,
          "ms");
    print("rules", static_cast<double>(count), "");
    print("index, a rule", static_cast<double>(index_bytes) / static_cast<double>(count), "bytes");
    print("memory, a rule", static_cast<double>(mallinfo2().uordblks - before) / static_cast<double>(count),
          "bytes");
}

void bench_own(const std::filesystem::path& folder) {
    const auto loaded = load(*rules::read_sources({folder}));
    const auto events = own_events();
    std::vector<simdjson::padded_string> padded;
    std::vector<rules::InputEvent> inputs;
    std::size_t bytes = 0;
    for (const auto& event : events) {
        padded.emplace_back(event.line);
        inputs.push_back({0, event.time, event.logsource, event.fields});
        bytes += event.line.size();
    }
    print("own: documents", static_cast<double>(loaded->rules().size()), "");
    print("own: bytes an event", static_cast<double>(bytes) / static_cast<double>(events.size()), "bytes");
    PlainReader reader;
    Matcher matcher(loaded);
    const auto engine = rules::Engine::create(loaded, nullptr);
    std::vector<rules::Finding> findings;
    const auto span = events.back().time - events.front().time + std::chrono::seconds(1);
    std::size_t of_lines = 0, of_records = 0;
    compare(events.size(),
            {{"own limit: read",
              [&] {
                  for (const auto& line : padded)
                      reader.read(line,
                                  [](std::string_view, std::string_view text) { sink = sink + text.size(); });
              }},
             {"own: lines judged",
              [&] {
                  of_lines = 0;
                  for (std::size_t i = 0; i < events.size(); ++i)
                      of_lines +=
                          (*matcher.match({std::string_view(padded[i]), true, "body", &events[i].added},
                                          events[i].logsource, own_threshold))
                              ->size();
              }},
             {"own: records judged",
              [&] {
                  of_records = 0;
                  for (const auto& event : events)
                      of_records += matcher.match(event.fields, event.logsource, own_threshold).size();
              }},
             {"own: records through the whole engine", [&] {
                  for (auto& input : inputs) {
                      input.time += span;  // each pass is later than the one before
                      findings.clear();
                      engine->process(input, findings);
                  }
              }}});
    print("own: matches of lines", static_cast<double>(of_lines), "");
    print("own: matches of records", static_cast<double>(of_records), "");
}

}  // namespace
}  // namespace sallyport::bench

int main(int argc, char** argv) {
    CLI::App app("Speed of the rules");
    std::filesystem::path sigma, own;
    app.add_option("--sigma", sigma, "The public rules and events");
    app.add_option("--own", own, "Our own rules");
    CLI11_PARSE(app, argc, argv);
    if (!sigma.empty()) sallyport::bench::bench_foreign(sigma);
    if (!own.empty()) sallyport::bench::bench_own(own);
    return 0;
}
