// SPDX-License-Identifier: Apache-2.0
#include "collector/audit/audit_pack.hpp"

#include <algorithm>

#include "collector/audit/pack_index.hpp"
#include "collector/audit/pack_proofs.hpp"
#include "protocol/crypto.hpp"
#include "protocol/json.hpp"
#include "protocol/timestamp.hpp"

namespace sallyport::audit {
namespace {

std::string manifest(const IndexHead& head, const std::vector<PackFile>& files) {
    List members;
    for (const PackFile& file : files)
        members.emplace_back(Record{{"name", file.name},
                                    {"bytes", static_cast<std::int64_t>(file.content.size())},
                                    {"sha256", to_hex(sha256(bytes_of(file.content)))}});
    return write_json(Record{{"version", 1},
                             {"agency", head.ori},
                             {"period", head.period},
                             {"known_at", head.known_at},
                             {"files", std::move(members)}}) +
           "\n";
}

}  // namespace

Result<AuditPack> make_audit_pack(const PackSource& source, const PackOptions& options) {
    auto tables = pack_tables(source);
    if (!tables) return tables.error().within("audit pack");
    for (const auto& make : {head_table, proof_table}) {
        auto made = make(source);
        if (!made) return made.error().within("audit pack");
        tables->push_back(std::move(*made));
    }
    const auto entries = index_of(*tables);
    if (!entries) return entries.error();
    const IndexHead head{options.ori, options.period, registers::format_date(source.period.first),
                         registers::format_date(source.period.last), format_time(source.known_at)};
    AuditPack pack;
    pack.files.push_back({"index.md", index_page(head, *entries, *tables)});
    pack.files.push_back({"index.json", index_json(head, *entries)});
    for (const AuditTable& table : *tables)
        pack.files.push_back({table.file, table.text()});
    pack.files.push_back({"manifest.json", manifest(head, pack.files)});
    pack.questions = entries->size();
    for (const IndexEntry& entry : *entries) {
        pack.served += entry.is_served() ? 1 : 0;
        pack.with_exceptions += entry.exception_count() > 0 ? 1 : 0;
    }
    return pack;
}

}  // namespace sallyport::audit
