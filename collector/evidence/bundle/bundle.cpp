// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/bundle.hpp"

#include <algorithm>
#include <set>

#include "collector/evidence/bundle/bundle_check.hpp"
#include "collector/evidence/bundle/explanations.hpp"
#include "collector/evidence/bundle/limits.hpp"
#include "collector/evidence/bundle/read_me.hpp"
#include "collector/evidence/bundle/redaction.hpp"
#include "collector/evidence/bundle/tar.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/records.hpp"
#include "collector/store/rule_text.hpp"
#include "collector/store/signed_batches.hpp"
#include "collector/store/terminal_history.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/batch.hpp"
#include "protocol/files.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::size_t kAuditEntriesMax = 10'000;
constexpr std::size_t kActsMax = 1'000;  // lines in which the collector told of them

using Lines = std::vector<Record>;

std::string jsonl(const Lines& lines) {
    std::string text;
    for (const Record& line : lines)
        text.append(write_json(line)).append(1, '\n');
    return text;
}

template <class Entry>
Lines records_of(const std::vector<Entry>& entries) {
    Lines lines;
    lines.reserve(entries.size());
    for (const Entry& entry : entries)
        lines.push_back(to_record(entry));
    return lines;
}

// Makes one bundle, part by part; each part may need those before it.
class BundleMaker {
public:
    BundleMaker(Database& reader, const BundleOrder& order, LogProofs& log, const SigningKey& key, CaseFile file)
        : reader_(reader), order_(order), log_(log), key_(key), file_(std::move(file)),
          redaction_(order.form, file_.registers, order.now) {}

    Result<Bundle> make() {
        for (const auto part : {&BundleMaker::ask, &BundleMaker::add_audit, &BundleMaker::add_events, &BundleMaker::add_keys,
                                &BundleMaker::add_alerts, &BundleMaker::add_heads})
            if (auto done = (this->*part)(); !done) return done.error().within("bundle");
        add_registers();
        return seal();
    }

private:
    Result<void> ask() {
        auto asked = explanations_of(reader_, file_, order_.now);
        if (!asked) return asked.error();
        explanations_ = std::move(*asked);
        std::vector<std::string_view> rule_ids;
        for (const AlertCase& about : file_.alerts)
            rule_ids.push_back(about.alert.rule_id);
        limits_ = limits_for(rule_ids);
        return {};
    }

    // --- the audit trail, and the collector's own lines that tell of it ------------------------------------------------

    Result<void> add_audit() {
        if (auto done = add_acts("incident", file_.incident.incident_id); !done) return done;
        for (const AlertCase& about : file_.alerts)
            if (auto done = add_acts("alert", about.alert.alert_id); !done) return done;
        std::sort(acts_.begin(), acts_.end(), [](const auto& a, const auto& b) { return a.log_id < b.log_id; });
        return {};
    }

    Result<void> add_acts(std::string_view object_type, const std::string& object_id) {
        auto acts = store::read_audit(reader_, object_type, object_id, kAuditEntriesMax);
        if (!acts) return acts.error();
        std::erase_if(*acts, [this](const auto& act) { return !redaction_.shows_acts_of(act.entry.actor_role); });
        if (acts->empty()) return {};
        const auto [first, last] = std::minmax_element(acts->begin(), acts->end(),
                                                       [](const auto& a, const auto& b) { return a.at < b.at; });
        constexpr std::string_view kTypes[] = {"console.action"};
        auto lines = store::find_own_lines(reader_, kTypes, "object_id", object_id, first->at, last->at, kActsMax);
        if (!lines) return lines.error();
        // What the PSD did is told in such lines, too: without its entry a line is not shown.
        if (order_.form == BundleForm::full) context_.insert(lines->begin(), lines->end());
        std::move(acts->begin(), acts->end(), std::back_inserter(acts_));
        return {};
    }

    // --- lines, their batches and proofs ---------------------------------------------------------------------------------

    Result<void> add_events() {
        std::set<std::int64_t> evidence, all;
        for (const AlertCase& about : file_.alerts)
            evidence.insert(about.alert.evidence.begin(), about.alert.evidence.end());
        for (const Explanation& explanation : explanations_)
            context_.insert(explanation.events.begin(), explanation.events.end());
        std::set_union(evidence.begin(), evidence.end(), context_.begin(), context_.end(), std::inserter(all, all.end()));
        auto stored = store::read_events(reader_, {all.begin(), all.end()});
        if (!stored) return stored.error();
        for (store::StoredEvent& event : *stored) {
            const std::string_view role = evidence.contains(event.ingest_id) ? "evidence" : "context";
            if (role == "evidence") {
                first_received_ = std::min(first_received_, event.received_at);
                last_received_ = std::max(last_received_, event.received_at);
            }
            if (auto done = add_event(std::move(event), role); !done) return done;
        }
        return {};
    }

    Result<void> add_event(store::StoredEvent stored, std::string_view role) {
        const std::string place = "event " + std::to_string(stored.ingest_id);
        auto batch = add_batch_of(stored);
        if (!batch) return batch.error().within(place);
        auto proof = log_.prove(stored.ingest_id);
        if (!proof) return proof.error().within(place);
        EventEntry entry;
        entry.event = static_cast<std::uint64_t>(stored.ingest_id);
        entry.role = role;
        entry.terminal = std::move(stored.terminal_id);
        entry.instance = std::move(stored.instance);
        entry.seq = stored.seq;
        entry.type = std::move(stored.type);
        entry.event_time = stored.event_time;
        entry.received_at = stored.received_at;
        entry.batch = *batch;
        entry.leaf = stored.leaf;
        entry.withheld = stored.line ? std::string() : stored.withheld_reason.value_or("");
        entry.line = std::move(stored.line);
        entry.index = proof->index;
        entry.proof = std::move(proof->path);
        redaction_.apply(entry);
        if (!entry.line) ++manifest_.withheld;
        events_.push_back(std::move(entry));
        return {};
    }

    // The number of the batch that it came in, which is put in with all its leaves the first time.
    Result<std::uint64_t> add_batch_of(const store::StoredEvent& event) {
        auto batch = store::batch_of(reader_, event.ingest_id);
        if (!batch) return batch.error();
        if (!*batch) return Error(Errc::corrupt, "came without a signed header");
        const auto number = static_cast<std::uint64_t>((*batch)->batch_id);
        if (!known_batches_.insert(number).second) return number;
        auto header = decode_batch_header((*batch)->header);
        if (!header) return header.error();
        auto leaves = store::leaves_between(reader_, (*batch)->stream_id, header->first_seq, header->last_seq());
        if (!leaves) return leaves.error();
        if (leaves->size() != header->count)
            return Error(Errc::corrupt, "its batch counts " + std::to_string(header->count) + " lines, the log has " +
                                            std::to_string(leaves->size()));
        batches_.push_back({number, std::move((*batch)->header), std::move(*leaves)});
        terminals_.insert(header->terminal);
        return number;
    }

    Result<void> add_keys() {
        for (const std::string& terminal : terminals_) {
            auto keys = store::keys_of(reader_, terminal);
            if (!keys) return keys.error();
            for (auto key = keys->rbegin(); key != keys->rend(); ++key) {  // oldest first
                if (auto done = add_certificate(key->cert_sha256); !done) return done;
                enrolled_.push_back({key->terminal_id, key->public_key, key->cert_sha256, key->enrolled_at, key->not_after,
                                     key->revoked_at, key->revoke_reason});
            }
        }
        return {};
    }

    Result<void> add_certificate(const std::string& sha256) {
        if (order_.certificates.empty() || !digest_from_hex(sha256)) return {};
        const auto file = order_.certificates / (sha256 + ".crt");
        if (!std::filesystem::exists(file)) return {};
        auto pem = read_file(file);
        if (!pem) return pem.error();
        members_.push_back({"certificates/" + sha256 + ".pem", std::move(*pem)});
        return {};
    }

    // --- alerts and their rules ------------------------------------------------------------------------------------------

    Result<void> add_alerts() {
        std::set<std::string> kept;
        for (const AlertCase& about : file_.alerts) {
            const store::Alert& alert = about.alert;
            auto rule = store::find_rule_text(reader_, alert.rule_version);
            if (!rule) return rule.error();
            if (*rule && kept.insert(alert.rule_version).second)
                members_.push_back({"rules/" + alert.rule_version + ".yml", std::move((*rule)->text)});
            AlertEntry entry{alert.alert_id, alert.rule_version, rule->has_value(),
                             {alert.evidence.begin(), alert.evidence.end()}, store::to_record(alert)};
            entry.view.set("parameters", parameters_of(alert));
            entry.view.set("registers_known_at", format_time(alert.known_at));
            alerts_.push_back(std::move(entry));
        }
        return {};
    }

    static Value parameters_of(const store::Alert& alert) {
        auto parameters = read_json(alert.parameters);
        return parameters ? std::move(*parameters) : Value(alert.parameters);
    }

    void add_registers() {
        for (const RegisterFact& fact : register_facts(file_, order_.now)) {
            const store::RegisterEntry& entry = fact.entry;
            registers_.push_back({{"register", entry.register_name},
                                  {"id", entry.id},
                                  {"version", entry.version},
                                  {"valid_from", format_time(entry.valid_from)},
                                  {"valid_to", store::time_or_null(entry.valid_to)},
                                  {"recorded_at", format_time(entry.recorded_at)},
                                  {"replaced_at", store::time_or_null(entry.replaced_at)},
                                  {"changed_by", entry.changed_by},
                                  {"change_reason", entry.change_reason},
                                  {"known_at_alert", List(fact.known_then.begin(), fact.known_then.end())},
                                  {"known_later", List(fact.known_later.begin(), fact.known_later.end())},
                                  {"data", redaction_.shown(entry.register_name, entry.data)}});
        }
    }

    // --- heads -----------------------------------------------------------------------------------------------------------

    Result<void> add_heads() {
        if (!events_.empty() && first_received_ <= last_received_) {
            if (auto done = add_head("before", log_.last_before(first_received_)); !done) return done;
            if (auto done = add_head("received", log_.first_from(last_received_)); !done) return done;
        }
        for (const store::StoredAuditEntry& act : acts_)
            if (act.entry.success && (act.entry.action == "incident.convert" || act.entry.action == "incident.accept"))
                if (auto done = add_head("conversion", log_.first_from(act.at)); !done) return done;
        std::stable_sort(heads_.begin(), heads_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        heads_.push_back({log_.head().head.size, {"export", log_.head().note, {}}});
        return {};
    }

    Result<void> add_head(std::string_view why, Result<std::optional<KeptHead>> kept) {
        if (!kept) return kept.error();
        // One that is not older than the export's shows nothing that that one does not; an empty log proves nothing.
        if (!*kept || (*kept)->head.size == 0 || (*kept)->head.size >= log_.head().head.size ||
            (*kept)->head.origin != log_.head().head.origin)
            return {};
        auto growth = log_.prove_growth((*kept)->head);
        if (!growth) return growth.error();
        heads_.push_back({(*kept)->head.size, {std::string(why), std::move((*kept)->note), std::move(*growth)}});
        return {};
    }

    // --- the file --------------------------------------------------------------------------------------------------------

    Result<Bundle> seal() {
        const TreeHead& head = log_.head().head;
        manifest_.form = order_.form;
        manifest_.ori = file_.incident.ori;
        manifest_.incident_id = file_.incident.incident_id;
        manifest_.incident_number = file_.incident.number;
        manifest_.exported_by = order_.by;
        manifest_.exported_role = order_.role;
        manifest_.purpose = order_.purpose;
        manifest_.exported_at = order_.now;
        manifest_.log_origin = head.origin;
        manifest_.log_size = head.size;
        manifest_.log_root = head.root;
        manifest_.events = events_.size();
        add_members();
        std::sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) { return a.name < b.name; });
        for (const Member& member : members_)
            manifest_.members.push_back({member.name, member.content.size(), sha256(bytes_of(member.content))});
        std::string manifest = encode_manifest(manifest_);
        auto signature = sign_manifest(manifest, key_);
        if (!signature) return signature.error();
        members_.insert(members_.begin(), Member{std::string(kSignatureName), std::move(*signature)});
        members_.insert(members_.begin(), Member{std::string(kManifestName), std::move(manifest)});
        auto file = write_tar(members_);
        if (!file) return file.error();
        return checked({std::move(manifest_), std::move(*file)});
    }

    // What would not verify is not handed out: better that it is found here than in court.
    Result<Bundle> checked(Bundle bundle) const {
        std::vector<PublicKey> own = order_.former_keys;
        own.push_back(key_.public_key());
        const BundleReport report = check_bundle(bundle.file, own);
        if (report.holds()) return bundle;
        return Error(Errc::corrupt, "bundle: does not verify: " + report.faults.front().member + ": " + report.faults.front().reason);
    }

    void add_members() {
        Lines acts, limits, heads;
        for (const store::StoredAuditEntry& act : acts_)
            acts.push_back(store::to_record(act));
        for (const Limit& limit : limits_)
            limits.push_back({{"kind", limit.kind}, {"text", limit.text}});
        for (const auto& [size, entry] : heads_)
            heads.push_back(to_record(entry));
        const std::string fingerprint = to_hex(key_.public_key().fingerprint());
        members_.push_back({"READ-ME-FIRST.html",
                            read_me_page({manifest_, file_, events_, explanations_, limits_, fingerprint})});
        members_.push_back({"alerts.jsonl", jsonl(records_of(alerts_))});
        members_.push_back({"audit.jsonl", jsonl(acts)});
        members_.push_back({"batches.jsonl", jsonl(records_of(batches_))});
        members_.push_back({"checks.jsonl", jsonl(records_of(explanations_))});
        members_.push_back({"events.jsonl", jsonl(records_of(events_))});
        members_.push_back({"heads.jsonl", jsonl(heads)});
        members_.push_back({"incident.json", write_json(store::to_record(file_.incident)) + "\n"});
        members_.push_back({"keys.jsonl", jsonl(records_of(enrolled_))});
        members_.push_back({"limits.jsonl", jsonl(limits)});
        members_.push_back({"registers.jsonl", jsonl(registers_)});
    }

    Database& reader_;
    const BundleOrder& order_;
    LogProofs& log_;
    const SigningKey& key_;
    CaseFile file_;
    Redaction redaction_;
    Manifest manifest_;

    std::vector<Explanation> explanations_;
    std::vector<Limit> limits_;
    std::vector<store::StoredAuditEntry> acts_;
    std::set<std::int64_t> context_;  // lines beside the evidence
    std::vector<EventEntry> events_;
    std::vector<BatchEntry> batches_;
    std::set<std::uint64_t> known_batches_;
    std::set<std::string> terminals_;
    std::vector<KeyEntry> enrolled_;
    std::vector<AlertEntry> alerts_;
    Lines registers_;
    std::vector<std::pair<std::uint64_t, HeadEntry>> heads_;  // by size
    WallTime first_received_ = WallTime::max(), last_received_ = WallTime::min();
    std::vector<Member> members_;
};

}  // namespace

Digest Bundle::sha256() const {
    return sallyport::sha256(bytes_of(file));
}

Result<Bundle> make_bundle(Database& reader, const BundleOrder& order, LogProofs& log, const SigningKey& key) {
    auto file = open_case(reader, order.incident_id);
    if (!file) return file.error();
    return BundleMaker(reader, order, log, key, std::move(*file)).make();
}

Record audit_detail(const Bundle& bundle) {
    return {{"form", to_string(bundle.manifest.form)},
            {"bytes", std::uint64_t{bundle.file.size()}},
            {"sha256", to_hex(bundle.sha256())},
            {"events", bundle.manifest.events},
            {"withheld", bundle.manifest.withheld},
            {"log_size", bundle.manifest.log_size}};
}

}  // namespace sallyport::evidence
