// SPDX-License-Identifier: Apache-2.0
//
// Who may go on speaking to the broker. mosquitto asks for a certificate once, when a session begins, and reads its list
// of revoked ones when it is told to; a session that stands goes on for ever. The guard looks at the authority's list and
// at the clock, refuses whatever such a session still tries, and names it to be ended. Pure but for the files it reads.
// One thread: the broker's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/client_certificate.hpp"
#include "broker/watched_file.hpp"

namespace sallyport::broker {

struct Ending {
    std::string client;
    std::string why;  // ends the sentence "the session of T-1 is ended: "
};

class SessionGuard {
public:
    // `revocations`: the authority's list; `access`: the broker's access list. Fails when the first cannot be read: a
    // broker that knows of no revocation must not start.
    [[nodiscard]] static Result<SessionGuard> open(std::filesystem::path revocations, std::filesystem::path access);

    // A session wants to publish, subscribe or be handed a message. False: nothing of that, whatever the access list says.
    [[nodiscard]] bool admits(const std::string& client, const ClientCertificate& certificate, WallTime now);
    // The session is over; its last will, which the broker asks about when the connection is gone already, may still come.
    void ended(const std::string& client);
    // A session without a connection wants to publish: its last will. As its certificate stood.
    [[nodiscard]] bool admits_last_will(const std::string& client, WallTime now) const;

    // True when either file is another one than before: the broker must read both. A list that cannot be read is told as
    // an error and the one before it stays in force.
    [[nodiscard]] Result<bool> look();
    // The sessions that are to be ended.
    [[nodiscard]] std::vector<Ending> due(WallTime now) const;

private:
    SessionGuard(WatchedFile revocations, WatchedFile access, std::set<std::string> revoked)
        : revocations_(std::move(revocations)), access_(std::move(access)), revoked_(std::move(revoked)) {}

    // Empty while the certificate is good.
    [[nodiscard]] std::string fault_of(const ClientCertificate& certificate, WallTime now) const;

    WatchedFile revocations_, access_;
    std::set<std::string> revoked_;
    std::map<std::string, ClientCertificate> sessions_;  // by client id, which is the certificate's CN
    std::map<std::string, ClientCertificate> leaving_;   // ended since the last look
};

}  // namespace sallyport::broker
