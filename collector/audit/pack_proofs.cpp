// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/pack_proofs.hpp"

#include "collector/store/audit_log.hpp"

namespace sallyport::audit {

Result<AuditTable> proof_table(const PackSource& source) {
    AuditTable made{"proofs.csv", "What was proved while the pack was made", {{"what", "result", "detail"}, {}}};
    const auto verified = store::verify_audit(source.reader);
    if (!verified && verified.error().code() != Errc::corrupt)
        return verified.error();
    made.rows.records.push_back({"audit log: hash chain", verified ? "proved" : "failed",
                                 verified ? std::to_string(*verified) + " entries" : verified.error().message()});
    return made;
}

}  // namespace sallyport::audit
