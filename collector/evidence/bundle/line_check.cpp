// SPDX-License-Identifier: Apache-2.0
#include "collector/evidence/bundle/line_check.hpp"

#include <algorithm>
#include <array>

#include "collector/evidence/bundle/certificate.hpp"
#include "collector/evidence/checkpoint.hpp"
#include "collector/evidence/proof.hpp"
#include "protocol/chain.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::evidence {
namespace {

constexpr std::string_view kCollector = "collector";
constexpr std::array<std::string_view, 4> kWhys = {"before", "received", "conversion", "export"};
constexpr std::array<std::string_view, 2> kRoles = {"evidence", "context"};
// Why the store has no line any more; and what the redacted form withholds.
constexpr std::array<std::string_view, 5> kGone = {"deleted", "evicted", "expired", "redacted", "rejected"};
constexpr std::array<std::string_view, 2> kMasked = {"names_account", "unreadable"};
constexpr JsonLimits kLineLimits{.bytes_max = 16 * 1024};
constexpr JsonLimits kObjectLimits{.bytes_max = 256 * 1024, .depth_max = 8, .fields_max = 4'096};

template <std::size_t N>
bool one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

Error wrong(std::string reason) {
    return Error(Errc::corrupt, std::move(reason));
}

}  // namespace

void LineCheck::add_fault(std::string_view member, const std::string& reason) {
    if (report_.faults.size() < kBundleFaultsMax)
        report_.faults.push_back({std::string(member), reason});
    else
        ++report_.faults_untold;
}

void LineCheck::each_line(std::string_view member, const std::function<Result<void>(std::string_view)>& use) {
    if (!bundle_.members.contains(member)) {
        add_fault(member, "is missing");
        return;
    }
    std::string_view rest = bundle_.content(member);
    for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) {
            add_fault(member, "line " + std::to_string(number) + ": does not end with a line feed");
            return;
        }
        if (auto holds = use(rest.substr(0, end)); !holds)
            add_fault(member, "line " + std::to_string(number) + ": " + holds.error().message());
        rest.remove_prefix(end + 1);
    }
}

void LineCheck::run() {
    check_incident();
    check_heads();
    read_keys();
    check_certificates();
    each_line("batches.jsonl", [this](std::string_view line) { return check_batch(line); });
    each_line("events.jsonl", [this](std::string_view line) { return check_event(line); });
    each_line("alerts.jsonl", [this](std::string_view line) { return check_alert(line); });
    for (const std::string_view member : {"audit.jsonl", "checks.jsonl", "limits.jsonl", "registers.jsonl"})
        each_line(member, [](std::string_view line) {
            auto record = read_json_record(line, kObjectLimits);
            return record ? Result<void>() : Result<void>(record.error());
        });
    check_rules();
    check_counts();
}

void LineCheck::check_incident() {
    auto incident = read_json_record(bundle_.content("incident.json"), kObjectLimits);
    if (!incident)
        add_fault("incident.json", incident.error().message());
    else if (text_of(*incident, "incident_id") != bundle_.manifest.incident_id ||
             text_of(*incident, "number") != bundle_.manifest.incident_number)
        add_fault("incident.json", "is another incident than the manifest's");
    if (bundle_.content("READ-ME-FIRST.html").empty()) add_fault("READ-ME-FIRST.html", "is missing");
}

// --- heads ------------------------------------------------------------------------------------------------------------

void LineCheck::check_heads() {
    const Manifest& manifest = bundle_.manifest;
    std::uint64_t last_size = 0;
    Digest last_root{};
    each_line("heads.jsonl", [&](std::string_view line) -> Result<void> {
        auto head = head_entry(line);
        if (!head) return head.error();
        if (!one_of(head->why, kWhys)) return wrong("field 'why' is not known");
        auto checkpoint = open_checkpoint(head->note, keys_given_);
        if (!checkpoint) return checkpoint.error();
        if (checkpoint->origin != manifest.log_origin) return wrong("is a head of another log");
        if (checkpoint->size < last_size) return wrong("is older than the one before it");
        last_size = checkpoint->size;
        last_root = checkpoint->root;
        ++report_.heads;
        return verify_consistency({checkpoint->size, manifest.log_size, std::move(head->consistency)}, checkpoint->root,
                                  manifest.log_root);
    });
    if (report_.heads == 0 || last_size != manifest.log_size || last_root != manifest.log_root)
        add_fault("heads.jsonl", "the head that the manifest names is not the last one: nothing is proven");
}

// --- keys -------------------------------------------------------------------------------------------------------------

void LineCheck::read_keys() {
    each_line("keys.jsonl", [this](std::string_view line) -> Result<void> {
        auto entry = key_entry(line);
        if (!entry) return entry.error();
        if (entry->terminal == kCollector) return wrong("the collector's own keys are those given, and no others");
        auto key = PublicKey::from_base64(entry->public_key);
        if (!key) return key.error();
        keys_[entry->terminal].push_back({std::move(*entry), std::move(*key)});
        return {};
    });
}

// Certificates are there where the exporter had them: each must be the one, and of the key, that keys.jsonl names.
void LineCheck::check_certificates() {
    constexpr std::string_view kFolder = "certificates/";
    for (auto at = bundle_.members.lower_bound(kFolder); at != bundle_.members.end() && at->first.starts_with(kFolder); ++at) {
        const std::string_view named = std::string_view(at->first).substr(kFolder.size(), 64);
        auto certificate = read_certificate(at->second);
        if (!certificate) {
            add_fault(at->first, certificate.error().message());
            continue;
        }
        const bool is_named = to_hex(certificate->sha256) == named;
        const bool is_enrolled = std::any_of(keys_.begin(), keys_.end(), [&](const auto& terminal) {
            return std::any_of(terminal.second.begin(), terminal.second.end(), [&](const EnrolledKey& enrolled) {
                return enrolled.entry.cert_sha256 == named && enrolled.entry.public_key == certificate->public_key;
            });
        });
        if (!is_named || !is_enrolled) add_fault(at->first, "is not the certificate of a key in keys.jsonl");
    }
}

// --- batches ----------------------------------------------------------------------------------------------------------

Result<LineCheck::Certified> LineCheck::certified_signer(const BatchHeader& header) {
    const std::string name =
        header.terminal + ' ' + header.instance + ' ' + header.signer.key + ' ' + header.signer.signature;
    if (const auto known = certified_.find(name); known != certified_.end()) return known->second;
    const auto remember = [&](PublicKey batch_key, const EnrolledKey* enrolled, const PublicKey& enrolled_key) {
        return certified_.emplace(name, Certified{std::move(batch_key), enrolled, enrolled_key}).first->second;
    };
    if (header.terminal == kCollector)
        for (const PublicKey& own : keys_given_)
            if (auto batch_key = header.signer.check(own, header.terminal, header.instance); batch_key)
                return remember(std::move(*batch_key), nullptr, own);
    if (const auto keys = keys_.find(header.terminal); keys != keys_.end())
        for (const EnrolledKey& enrolled : keys->second)
            if (auto batch_key = header.signer.check(enrolled.key, header.terminal, header.instance); batch_key)
                return remember(std::move(*batch_key), &enrolled, enrolled.key);
    return wrong("no key of " + header.terminal + " certifies the key that signed it");
}

Result<void> LineCheck::check_batch(std::string_view line) {
    auto entry = batch_entry(line);
    if (!entry) return entry.error();
    const std::string place = "batch " + std::to_string(entry->batch);
    auto header = decode_batch_header(entry->header);
    if (!header) return header.error().within(place);
    if (entry->leaves.size() != header->count)
        return wrong(place + ": the header counts " + std::to_string(header->count) + " lines, there are " +
                     std::to_string(entry->leaves.size()) + " leaves");
    auto signer = certified_signer(*header);
    if (!signer) return signer.error().within(place);
    if (auto good = verify_signature(*header, signer->batch_key); !good) return good.error().within(place);
    if (header->first_seq == 1 &&
        header->previous != chain_genesis(header->terminal, header->instance, signer->enrolled_key))
        return wrong(place + ": does not begin at the genesis of its chain");
    Digest head = header->previous;
    for (const Digest& leaf : entry->leaves)
        head = chain_link(head, leaf);
    if (head != header->head) return wrong(place + ": its leaves do not lead to the head that is signed");
    if (!batches_.try_emplace(entry->batch, Batch{std::move(*header), std::move(entry->leaves), signer->enrolled}).second)
        return wrong(place + ": is there twice");
    ++report_.batches;
    return {};
}

// --- events -----------------------------------------------------------------------------------------------------------

Result<void> LineCheck::check_event(std::string_view line) {
    auto entry = event_entry(line);
    if (!entry) return entry.error();
    const std::string place = "event " + std::to_string(entry->event);
    ++events_;
    if (entry->event <= last_event_) return wrong(place + ": is not in the order of numbers, or there twice");
    last_event_ = entry->event;
    if (!one_of(entry->role, kRoles)) return wrong(place + ": field 'role' is not known");
    if (entry->role == "evidence") evidence_.emplace(entry->event, false);
    if (auto good = entry->line ? check_content(*entry) : check_withheld(*entry); !good) return good.error().within(place);
    if (auto good = check_place(*entry); !good) return good.error().within(place);
    const InclusionProof proof{entry->index, bundle_.manifest.log_size, entry->leaf, std::move(entry->proof)};
    if (auto good = verify_inclusion(proof, bundle_.manifest.log_root); !good) return good.error().within(place);
    return {};
}

// The batch that its leaf stands in, under a key that counted when it was received.
Result<void> LineCheck::check_place(const EventEntry& entry) {
    const auto at = batches_.find(entry.batch);
    if (at == batches_.end()) return wrong("no sound batch " + std::to_string(entry.batch) + " covers it");
    Batch& batch = at->second;
    batch.used = true;
    if (batch.header.terminal != entry.terminal || batch.header.instance != entry.instance)
        return wrong("its batch is of another terminal or instance");
    if (entry.seq < batch.header.first_seq || entry.seq > batch.header.last_seq())
        return wrong("its number is not among those of its batch");
    if (batch.leaves[entry.seq - batch.header.first_seq] != entry.leaf) return wrong("its leaf is not the one in its batch");
    if (batch.enrolled != nullptr && batch.enrolled->entry.revoked_at && entry.received_at > *batch.enrolled->entry.revoked_at)
        return wrong("it was received after its terminal's key was revoked");
    return {};
}

// What is said of a line beside it must be what the line itself says.
Result<void> LineCheck::check_content(const EventEntry& entry) const {
    if (leaf_of(*entry.line) != entry.leaf) return wrong("the line's hash is not its leaf");
    auto line = read_json_record(*entry.line, kLineLimits);
    if (!line) return line.error().within("line");
    if (text_of(*line, "terminal_id") != entry.terminal || text_of(*line, "agent_instance") != entry.instance ||
        integer_of(*line, "seq", -1) != static_cast<std::int64_t>(entry.seq) || text_of(*line, "type") != entry.type)
        return wrong("terminal, instance, seq or type is not the line's");
    const std::string_view occurred = text_of(*line, "occurred_at");
    auto time = parse_time(occurred == "unknown" ? text_of(*line, "observed_at") : occurred);
    if (!time || *time != entry.event_time) return wrong("the time is not the line's");
    return {};
}

Result<void> LineCheck::check_withheld(const EventEntry& entry) {
    const bool masked = one_of(entry.withheld, kMasked);
    if (!one_of(entry.withheld, kGone) && !(masked && bundle_.manifest.form == BundleForm::redacted))
        return wrong("it is withheld for no reason that this form has");
    if (entry.shown && entry.withheld != "names_account") return wrong("something is shown of a line that is gone");
    ++report_.withheld[entry.withheld];
    ++withheld_;
    return {};
}

// --- alerts, rules, counts --------------------------------------------------------------------------------------------

Result<void> LineCheck::check_alert(std::string_view line) {
    auto alert = alert_entry(line);
    if (!alert) return alert.error();
    const std::string place = "alert " + alert->alert_id;
    ++report_.alerts;
    if (text_of(alert->view, "alert_id") != alert->alert_id) return wrong(place + ": is said to be another one");
    for (const std::uint64_t event : alert->evidence) {
        const auto at = evidence_.find(event);
        if (at == evidence_.end()) return wrong(place + ": event " + std::to_string(event) + ", on which it rests, is not proven here");
        at->second = true;
    }
    const std::string rule = "rules/" + alert->rule_version + ".yml";
    if (alert->rule_kept != bundle_.members.contains(rule)) return wrong(place + ": whether its rule is here is said wrongly");
    if (alert->rule_kept) rules_.insert(rule);
    return {};
}

void LineCheck::check_rules() {
    constexpr std::string_view kFolder = "rules/";
    for (auto at = bundle_.members.lower_bound(kFolder); at != bundle_.members.end() && at->first.starts_with(kFolder); ++at) {
        if (to_hex(sha256(bytes_of(at->second))) != std::string_view(at->first).substr(kFolder.size(), 64))
            add_fault(at->first, "its hash is not the version that its name says");
        if (!rules_.contains(at->first)) add_fault(at->first, "no alert names this version");
    }
}

void LineCheck::check_counts() {
    if (events_ != bundle_.manifest.events || withheld_ != bundle_.manifest.withheld)
        add_fault("events.jsonl", "has " + std::to_string(events_) + " lines, " + std::to_string(withheld_) +
                                      " of them withheld; the manifest counts " + std::to_string(bundle_.manifest.events) +
                                      " and " + std::to_string(bundle_.manifest.withheld));
    for (const auto& [event, used] : evidence_)
        if (!used) add_fault("events.jsonl", "event " + std::to_string(event) + ": no alert rests on it");
    for (const auto& [number, batch] : batches_)
        if (!batch.used) add_fault("batches.jsonl", "batch " + std::to_string(number) + ": no event stands in it");
}

}  // namespace sallyport::evidence
