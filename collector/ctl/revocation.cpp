// SPDX-License-Identifier: Apache-2.0
#include "collector/ctl/revocation.hpp"

#include "collector/ctl/broker_configuration.hpp"
#include "collector/store/terminal_repository.hpp"

namespace sallyport::ctl {

Result<void> publish_revocations(Database& database, const Authority& authority, WallTime now) {
    auto keys = store::all_keys(database);
    if (!keys)
        return keys.error();
    std::vector<Revocation> revoked;
    for (const store::TerminalKey& key : *keys)
        if (key.revoked_at)
            revoked.push_back({key.cert_sha256, *key.revoked_at});
    if (auto done = authority.write_revocations(revoked, now); !done)
        return done;
    return refresh_broker(database, authority.folder(), now);
}

}  // namespace sallyport::ctl
