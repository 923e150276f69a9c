// SPDX-License-Identifier: Apache-2.0
//
// What a handler has at hand: the collector's services, a reader of its own, and who is asking.
#pragma once

#include <string_view>

#include "collector/alerts/alert_desk.hpp"
#include "collector/api/http.hpp"
#include "collector/api/rate_limit.hpp"
#include "collector/api/services.hpp"
#include "collector/store/account_repository.hpp"

namespace sallyport::api {

class TerminalBoard;

// The dictionary's roles (section 15) as a set, so that a route names all that may.
enum Role : unsigned {
    kNobody = 0,
    kSpoc = 1,
    kPsd = 2,  // investigator and director
    kAcc = 4,
    kAuditor = 8,
    kAdministrator = 16,
    kEverybody = kSpoc | kPsd | kAcc | kAuditor | kAdministrator,
};
using RoleSet = unsigned;

// kNobody for a word that is no role.
[[nodiscard]] Role parse_role(std::string_view role);

// Why somebody reads of a person by name (dictionary, section 14).
[[nodiscard]] bool is_purpose(std::string_view word);

// What may be asked for without a log-in: a minute's number for one address, and for all.
struct StrangersLimits {
    RateLimit asking{10, 60};
    RateLimit fetching{120, 1200};
};

struct Context {
    Services& services;
    Database& reader;
    TerminalBoard& board;
    StrangersLimits& strangers;
    store::ConsoleSession session;  // empty where the route needs none
    Role role = kNobody;

    [[nodiscard]] alerts::Actor actor(const Request& request) const {
        return {session.account, session.role, request.source_ip};
    }
};

// One entry in the audit log, durable when it returns; what cannot be logged must not be done.
[[nodiscard]] Result<void> log_act(Context& context, const Request& request, std::string_view action,
                                   std::string_view object_type, std::string_view object_id, bool success,
                                   std::string_view purpose = {}, const Record& detail = {});

}  // namespace sallyport::api
