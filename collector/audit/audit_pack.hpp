// SPDX-License-Identifier: Apache-2.0
//
// An audit pack: what an auditor takes along. CSV tables, an index that answers clause by clause with file and row or
// says that it does not (index.md for people, index.json for programs), and a manifest with every file's hash. The same
// store, period and moment of knowledge give the same bytes. Format: docs/formats/audit-pack.md. One thread.
#pragma once

#include <string>
#include <vector>

#include "collector/audit/pack_tables.hpp"

namespace sallyport::audit {

struct PackFile {
    std::string name;  // below the pack's folder, with `/`
    std::string content;
};

struct PackOptions {
    std::string ori;
    std::string period;  // as it was asked for
};

struct AuditPack {
    std::vector<PackFile> files;  // the manifest is the last
    std::size_t questions = 0, served = 0, with_exceptions = 0;
};

[[nodiscard]] Result<AuditPack> make_audit_pack(const PackSource& source, const PackOptions& options);

}  // namespace sallyport::audit
