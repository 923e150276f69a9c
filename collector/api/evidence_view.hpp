// SPDX-License-Identifier: Apache-2.0
//
// Events as people read them. The account that the operating system named is shown as the operator's
// pseudonym (decisions, point 20); an account that the register does not know is numbered within the page,
// because a hash of a short name could be guessed back.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/store/event_log.hpp"
#include "protocol/envelope.hpp"

namespace sallyport::api {

enum class Names { masked, shown };

class EvidenceView {
public:
    EvidenceView(Database& reader, WallTime now, Names names) : reader_(reader), now_(now), names_(names) {}

    // Oldest first.
    [[nodiscard]] Result<List> events(std::vector<store::StoredEvent> events);

private:
    [[nodiscard]] Result<Record> one(const store::StoredEvent& stored);
    [[nodiscard]] Result<std::string> person(const std::string& account);
    [[nodiscard]] Result<void> load_operators();

    Database& reader_;
    WallTime now_;
    Names names_;
    bool loaded_ = false;
    std::map<std::string, std::string> refs_;     // account -> operator_ref
    std::map<std::string, std::string> unknown_;  // account -> its number on this page
};

// The register's entry of the person who uses the account.
struct Operator {
    std::string operator_ref, display_name;
};
[[nodiscard]] Result<std::optional<Operator>> operator_of(Database& reader, std::string_view account,
                                                          WallTime now);

}  // namespace sallyport::api
