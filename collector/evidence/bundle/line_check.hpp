// SPDX-License-Identifier: Apache-2.0
//
// Whether what an opened bundle says holds together: each line is its leaf, each leaf stands in a batch that the terminal
// signed and in the log under the signed head, each alert rests on lines that are there. One use, one thread.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "collector/evidence/bundle/bundle_check.hpp"
#include "collector/evidence/bundle/entries.hpp"
#include "protocol/batch.hpp"

namespace sallyport::evidence {

class LineCheck {
public:
    // Bundle, keys and report outlive it.
    LineCheck(const OpenedBundle& bundle, std::span<const PublicKey> keys, BundleReport& report)
        : bundle_(bundle), keys_given_(keys), report_(report) {}
    void run();

private:
    struct EnrolledKey {
        KeyEntry entry;
        PublicKey key;
    };
    struct Batch {
        BatchHeader header;
        std::vector<Digest> leaves;
        const EnrolledKey* enrolled = nullptr;  // nothing: the collector's own
        bool used = false;
    };
    struct Certified {
        PublicKey batch_key;
        const EnrolledKey* enrolled = nullptr;
        PublicKey enrolled_key;
    };

    // Each line of a member in turn; `use` gives the reason why one does not hold.
    void each_line(std::string_view member, const std::function<Result<void>(std::string_view line)>& use);
    void add_fault(std::string_view member, const std::string& reason);

    void check_heads();
    void read_keys();
    void check_certificates();
    [[nodiscard]] Result<void> check_batch(std::string_view line);
    [[nodiscard]] Result<Certified> certified_signer(const BatchHeader& header);
    [[nodiscard]] Result<void> check_event(std::string_view line);
    [[nodiscard]] Result<void> check_place(const EventEntry& entry);
    [[nodiscard]] Result<void> check_content(const EventEntry& entry) const;
    [[nodiscard]] Result<void> check_withheld(const EventEntry& entry);
    [[nodiscard]] Result<void> check_alert(std::string_view line);
    void check_rules();
    void check_incident();
    void check_counts();

    const OpenedBundle& bundle_;
    std::span<const PublicKey> keys_given_;  // the collector's
    BundleReport& report_;
    std::map<std::string, std::vector<EnrolledKey>, std::less<>> keys_;  // by terminal
    std::map<std::string, Certified> certified_;                        // by certificate: checked once
    std::map<std::uint64_t, Batch> batches_;
    std::map<std::uint64_t, bool> evidence_;  // event -> an alert rests on it; those of role evidence
    std::uint64_t last_event_ = 0, events_ = 0, withheld_ = 0;
    std::set<std::string> rules_;  // versions that alerts name and the bundle has
};

}  // namespace sallyport::evidence
