// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/log_check.hpp"

#include <memory>

#include "collector/evidence/stream_check.hpp"
#include "collector/evidence/tree_check.hpp"
#include "collector/store/audit_log.hpp"

namespace sallyport::evidence {
namespace {

// A slice is read within some ten milliseconds.
constexpr std::size_t kSlice = 2'000;
constexpr std::size_t kReferencesMax = 200;

class LogCheck {
public:
    LogCheck(Database& database, const LogCheckOptions& options)
        : database_(database), options_(options), faults_(report_), streams_(database, options.keys, report_) {}

    Result<LogCheckReport> run() {
        for (const auto step : {&LogCheck::begin, &LogCheck::read_lines, &LogCheck::finish, &LogCheck::check_audit,
                                &LogCheck::check_references})
            if (auto done = (this->*step)(); !done)
                return done.error().within("check of the log");
        return std::move(report_);
    }

private:
    // How far trees and streams reach is read before the end of the log: what is added meanwhile is not missed.
    Result<void> begin() {
        auto trees = store::list_evidence_trees(database_);
        if (!trees)
            return trees.error();
        if (auto begun = streams_.begin(); !begun)
            return begun;
        auto newest = store::newest_line(database_);
        if (!newest)
            return newest.error();
        until_ = *newest;
        auto published = open_published();
        for (store::EvidenceTree& tree : *trees) {
            auto heads = std::move(published[log_origin(tree.ori, tree.epoch)]);
            published.erase(log_origin(tree.ori, tree.epoch));
            newest_epoch_[tree.ori] = trees_.size();
            trees_.push_back({tree.ori, std::make_unique<TreeCheck>(database_, tree, options_, std::move(heads), report_)});
            if (auto begun = trees_.back().check->begin(); !begun)
                return begun;
        }
        for (const auto& [origin, heads] : published)
            faults_.add("truncated", origin, "a head of this log was published, there is no such log here");
        return {};
    }

    std::map<std::string, std::vector<TreeHead>> open_published() {
        std::map<std::string, std::vector<TreeHead>> heads;
        for (const std::string& checkpoint : options_.published) {
            auto opened = open_checkpoint(checkpoint, options_.keys);
            if (!opened)
                faults_.add("head", "published head", opened.error().message());
            else
                heads[opened->origin].push_back(*opened);
        }
        return heads;
    }

    Result<void> read_lines() {
        for (std::int64_t after = 0;;) {
            auto lines = store::scan_lines(database_, after, until_, kSlice);
            if (!lines)
                return lines.error();
            for (const store::ScannedLine& line : *lines)
                if (auto done = take(line); !done)
                    return done;
            if (lines->size() < kSlice)
                return {};
            after = lines->back().ingest_id;
        }
    }

    Result<void> take(const store::ScannedLine& line) {
        if (auto done = streams_.take(line); !done)
            return done;
        const std::string_view ori = streams_.ori_of(line.stream_id);
        for (Tree& tree : trees_)
            if (tree.ori == ori)
                if (auto done = tree.check->take(line); !done)
                    return done;
        if (!newest_epoch_.contains(ori))
            faults_.add("not_covered", "line " + std::to_string(line.ingest_id), "its agency has no tree");
        return {};
    }

    Result<void> finish() {
        streams_.finish();
        for (std::size_t i = 0; i < trees_.size(); ++i)
            if (auto done = trees_[i].check->finish(newest_epoch_.at(trees_[i].ori) == i); !done)
                return done;
        return {};
    }

    Result<void> check_audit() {
        auto verified = store::verify_audit(database_);
        if (verified)
            report_.audit_entries = *verified;
        else if (verified.error().code() == Errc::corrupt)
            faults_.add("audit", "audit log", verified.error().message());
        else
            return verified.error();
        return {};
    }

    Result<void> check_references() {
        auto dangling = store::dangling_references(database_, kReferencesMax);
        if (!dangling)
            return dangling.error();
        for (std::string& what : *dangling)
            faults_.add("reference", "store", std::move(what));
        return {};
    }

    struct Tree {
        std::string ori;
        std::unique_ptr<TreeCheck> check;
    };

    Database& database_;
    const LogCheckOptions& options_;
    LogCheckReport report_;
    FaultList faults_;
    StreamCheck streams_;
    std::vector<Tree> trees_;  // by agency and epoch
    std::map<std::string, std::size_t, std::less<>> newest_epoch_;
    std::int64_t until_ = 0;
};

}  // namespace

Result<LogCheckReport> check_log(Database& database, const LogCheckOptions& options) { return LogCheck(database, options).run(); }

}  // namespace sallyport::evidence
