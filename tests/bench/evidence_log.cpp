// SPDX-License-Identifier: Apache-2.0
//
// bench-evidence-log: the tree in memory beside SHA-256 alone, and in the store beside a store without one. CPU time of one
// thread, medians of rounds in which the passes take turns. A JSON object a line: what, figure, unit, and what it is beside.
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <vector>

#include "collector/evidence/evidence_log.hpp"
#include "collector/evidence/tree_tiles.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/schema.hpp"
#include "protocol/chain.hpp"
#include "protocol/json.hpp"

namespace sallyport {
namespace {

constexpr std::size_t kLines = 200'000;
constexpr std::size_t kLinesPerCommit = 500;  // as the writer's groups
constexpr int kRounds = 5;

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_of(const std::function<void()>& work) {
    const double begun = cpu_seconds();
    work();
    return cpu_seconds() - begun;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void must(const Result<void>& done) {
    if (done)
        return;
    std::cerr << "bench-evidence-log: " << done.error().message() << '\n';
    std::exit(3);
}

// About the length of an event.
std::vector<std::string> make_lines() {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < kLines; ++i)
        lines.push_back(R"({"v":1,"type":"usb.attach","seq":)" + std::to_string(i) + R"(,"fill":")" + std::string(240, 'x') + "\"}");
    return lines;
}

void hash_alone(const std::vector<std::string>& lines) {
    for (const std::string& line : lines)
        (void)leaf_of(line);
}

void hash_into_tree(const std::vector<std::string>& lines) {
    evidence::TreeEdge edge;
    for (const std::string& line : lines)
        edge.append(leaf_of(line));
    (void)edge.root();
}

class Store {
public:
    Store() : folder_(std::filesystem::temp_directory_path() / ("sallyport-bench-" + random_id())) {
        std::filesystem::create_directories(folder_);
        database_.emplace(*Database::open(folder_ / "store.db"));
        must(store::migrate(*database_));
    }
    ~Store() {
        database_.reset();
        std::filesystem::remove_all(folder_);
    }
    Database& database() { return *database_; }

    void append(const std::vector<std::string>& lines, bool with_tree) {
        auto stream = *store::create_stream(*database_, "CA0190000", "T-1", random_id(), Digest{}, WallTime{});
        auto appender = *store::EventAppender::open(*database_);
        for (std::size_t first = 0; first < lines.size(); first += kLinesPerCommit) {
            auto transaction = *database_->begin();
            std::vector<store::NewEvent> events;
            for (std::size_t i = first; i < std::min(first + kLinesPerCommit, lines.size()); ++i)
                events.push_back({"usb.attach", WallTime{}, leaf_of(lines[i]), lines[i], {}});
            must(appender.append(stream, "header", events, WallTime{}));
            if (with_tree)
                if (auto grown = evidence::grow_trees(*database_, 5'000); !grown)
                    must(grown.error());
            must(transaction.commit());
        }
    }

private:
    std::filesystem::path folder_;
    std::optional<Database> database_;
};

void say(std::string_view what, double figure, std::string_view unit, std::string_view beside = {}, double ratio = 0,
         std::string_view target = {}) {
    Record row{{"what", what}, {"figure", figure}, {"unit", unit}, {"target", target}};
    if (!beside.empty())
        row.set("beside", beside).set("ratio", ratio);
    std::cout << write_json(row) << '\n';
}

void measure_hashing(const std::vector<std::string>& lines) {
    std::vector<double> alone, tree;
    for (int round = 0; round < kRounds; ++round) {
        alone.push_back(seconds_of([&] { hash_alone(lines); }));
        tree.push_back(seconds_of([&] { hash_into_tree(lines); }));
    }
    const double thousands = static_cast<double>(kLines) / 1'000;
    say("limit: SHA-256 of each line", thousands / median(alone), "k/s");
    say("lines hashed into the tree in memory", thousands / median(tree), "k/s", "limit: SHA-256 of each line",
        median(alone) / median(tree));
}

void measure_store(const std::vector<std::string>& lines) {
    std::vector<double> plain, tree;
    for (int round = 0; round < kRounds; ++round) {
        Store without, with;
        plain.push_back(seconds_of([&] { without.append(lines, false); }));
        tree.push_back(seconds_of([&] { with.append(lines, true); }));
    }
    const double thousands = static_cast<double>(kLines) / 1'000;
    say("lines stored without a tree", thousands / median(plain), "k/s");
    say("lines stored with their tree, in the same commit", thousands / median(tree), "k/s", "lines stored without a tree",
        median(plain) / median(tree), "at the intake's rate");
    say("the tree's CPU a line", (median(tree) - median(plain)) / static_cast<double>(kLines) * 1e6, "us");
}

void measure_proofs(const std::vector<std::string>& lines) {
    constexpr std::size_t kProofs = 2'000;
    Store store;
    store.append(lines, true);
    const auto tree = **store::find_evidence_tree(store.database(), "CA0190000");
    std::vector<evidence::ProvenLine> proofs;
    const double making = seconds_of([&] {
        for (std::size_t i = 0; i < kProofs; ++i)
            proofs.push_back(*evidence::prove_line(store.database(), tree, static_cast<std::int64_t>(i * (kLines / kProofs) + 1), tree.size));
    });
    const double checking = seconds_of([&] {
        for (const auto& proven : proofs)
            must(evidence::verify_inclusion(proven.proof, proven.root));
    });
    say("inclusion proofs made, root included", static_cast<double>(kProofs) / making, "1/s");
    say("inclusion proofs checked", static_cast<double>(kProofs) / checking / 1'000, "k/s");
    const SigningKey key = *SigningKey::generate();
    const std::vector<PublicKey> known{key.public_key()};
    constexpr int kHeads = 200;
    const double signing = seconds_of([&] {
        for (int i = 0; i < kHeads; ++i)
            if (auto head = evidence::sign_head(store.database(), "CA0190000", key, known, WallTime{}, evidence::HeadReason::interval); !head)
                must(head.error());
    });
    say("head signed, the one before checked", signing / kHeads * 1'000, "ms");
}

}  // namespace
}  // namespace sallyport

int main() {
    const auto lines = sallyport::make_lines();
    sallyport::measure_hashing(lines);
    sallyport::measure_store(lines);
    sallyport::measure_proofs(lines);
    return 0;
}
