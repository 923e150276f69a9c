// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/pack_proofs.hpp"

#include "collector/evidence/evidence_log.hpp"
#include "collector/store/audit_log.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::audit {
namespace {

constexpr std::size_t kPage = 1000;

struct HeadsOfPeriod {
    store::EvidenceTree tree;
    std::vector<store::SignedHead> heads;  // oldest first
};

std::string name_of(const store::EvidenceTree& tree) { return evidence::log_origin(tree.ori, tree.epoch); }

Result<std::vector<store::SignedHead>> heads_of(const PackSource& source, const store::EvidenceTree& tree) {
    std::vector<store::SignedHead> heads;
    std::int64_t after = 0;
    for (;;) {
        auto page = store::list_signed_heads(source.reader, tree.tree_id, after, kPage);
        if (!page) return page.error();
        for (store::SignedHead& head : *page) {
            after = head.head_id;
            if (head.signed_at >= source.period.from && head.signed_at < source.period.to &&
                head.signed_at <= source.known_at)
                heads.push_back(std::move(head));
        }
        if (page->size() < kPage) return heads;
    }
}

Result<std::vector<HeadsOfPeriod>> all_heads(const PackSource& source) {
    auto trees = store::list_evidence_trees(source.reader);
    if (!trees) return trees.error();
    std::vector<HeadsOfPeriod> all;
    for (store::EvidenceTree& tree : *trees) {
        auto heads = heads_of(source, tree);
        if (!heads) return heads.error();
        all.push_back({std::move(tree), std::move(*heads)});
    }
    return all;
}

// Nothing, or why the later head is no growth of the earlier one as both were signed.
std::optional<std::string> doubt(Database& reader, const store::EvidenceTree& tree, const store::SignedHead& from,
                                 const store::SignedHead& to) {
    if (from.size == to.size) return from.root == to.root ? std::nullopt : std::optional<std::string>("two roots of one size");
    if (from.size == 0) return std::nullopt;
    const auto grown = evidence::prove_growth(reader, tree, from.size, to.size);
    if (!grown) return grown.error().message();
    if (grown->from_root != from.root || grown->to_root != to.root) return "a signed root is not the tree's";
    return std::nullopt;
}

registers::CsvRecord growth_row(const PackSource& source, const HeadsOfPeriod& log) {
    const std::string what = "evidence log " + name_of(log.tree) + ": its heads are one growing tree";
    if (log.heads.empty()) return {what, "failed", "no head was signed in the period: nothing covers its lines"};
    for (std::size_t at = 1; at < log.heads.size(); ++at)
        if (const auto why = doubt(source.reader, log.tree, log.heads[at - 1], log.heads[at]))
            return {what, "failed", "from " + std::to_string(log.heads[at - 1].size) + " to " +
                                        std::to_string(log.heads[at].size) + " leaves: " + *why};
    const store::SignedHead& last = log.heads.back();
    return {what, "proved", std::to_string(log.heads.size()) + " heads, up to " + std::to_string(last.size) +
                                " leaves, root " + to_hex(last.root)};
}

}  // namespace

Result<AuditTable> head_table(const PackSource& source) {
    const auto all = all_heads(source);
    if (!all) return all.error();
    AuditTable made{"heads.csv", "The signed heads of the evidence log in the period, as they were published", {}};
    made.rows.header = {"log", "leaves", "root", "signed_at", "reason", "checkpoint"};
    for (const HeadsOfPeriod& log : *all)
        for (const store::SignedHead& head : log.heads)
            made.rows.records.push_back({name_of(log.tree), std::to_string(head.size), to_hex(head.root),
                                         format_time(head.signed_at), head.reason, head.checkpoint});
    return made;
}

Result<AuditTable> proof_table(const PackSource& source) {
    AuditTable made{"proofs.csv", "What was proved while the pack was made", {{"what", "result", "detail"}, {}}};
    const auto verified = store::verify_audit(source.reader);
    if (!verified && verified.error().code() != Errc::corrupt) return verified.error();
    made.rows.records.push_back({"audit log: hash chain", verified ? "proved" : "failed",
                                 verified ? std::to_string(*verified) + " entries" : verified.error().message()});
    const auto all = all_heads(source);
    if (!all) return all.error();
    for (const HeadsOfPeriod& log : *all)
        made.rows.records.push_back(growth_row(source, log));
    return made;
}

}  // namespace sallyport::audit
