// SPDX-License-Identifier: Apache-2.0
#include "broker/session_guard.hpp"

namespace sallyport::broker {

Result<SessionGuard> SessionGuard::open(std::filesystem::path revocations, std::filesystem::path access) {
    WatchedFile list(std::move(revocations));
    auto revoked = read_revoked_serials(list.path());
    if (!revoked)
        return revoked.error();
    return SessionGuard(std::move(list), WatchedFile(std::move(access)), std::move(revoked).value());
}

bool SessionGuard::admits(const std::string& client, const ClientCertificate& certificate, WallTime now) {
    sessions_.insert_or_assign(client, certificate);
    return fault_of(certificate, now).empty();
}

void SessionGuard::ended(const std::string& client) {
    if (auto session = sessions_.extract(client))
        leaving_.insert_or_assign(client, std::move(session.mapped()));
}

bool SessionGuard::admits_last_will(const std::string& client, WallTime now) const {
    for (const auto* known : {&sessions_, &leaving_})
        if (const auto found = known->find(client); found != known->end())
            return fault_of(found->second, now).empty();
    return false;
}

Result<bool> SessionGuard::look() {
    leaving_.clear();
    const bool access_changed = access_.changed();
    if (!revocations_.changed())
        return access_changed;
    auto revoked = read_revoked_serials(revocations_.path());
    if (!revoked)
        return revoked.error();
    revoked_ = std::move(revoked).value();
    return true;
}

std::vector<Ending> SessionGuard::due(WallTime now) const {
    std::vector<Ending> endings;
    for (const auto& [client, certificate] : sessions_)
        if (std::string why = fault_of(certificate, now); !why.empty())
            endings.push_back({client, std::move(why)});
    return endings;
}

std::string SessionGuard::fault_of(const ClientCertificate& certificate, WallTime now) const {
    if (revoked_.contains(certificate.serial))
        return "its certificate is revoked";
    if (now > certificate.not_after)
        return "its certificate has run out";
    return {};
}

}  // namespace sallyport::broker
