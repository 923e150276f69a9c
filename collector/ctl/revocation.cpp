// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/revocation.hpp"

#include "collector/ctl/broker_configuration.hpp"
#include "collector/store/terminal_repository.hpp"

namespace sallyport::ctl {

Result<void> publish_revocations(Database& database, const Authority& authority, WallTime now) {
    auto certificates = store::revoked_certificates(database);
    if (!certificates)
        return certificates.error();
    std::vector<Revocation> revoked;
    for (const store::RevokedCertificate& certificate : *certificates)
        revoked.push_back({certificate.cert_sha256, certificate.revoked_at});
    if (auto done = authority.write_revocations(revoked, now); !done)
        return done;
    return refresh_broker(database, authority.folder(), now);
}

}  // namespace sallyport::ctl
