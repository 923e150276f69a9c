// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/enrichment.hpp"

#include <utility>

#include "collector/registers/expected_terminals.hpp"
#include "collector/registers/register_fields.hpp"
#include "collector/registers/rule_sites.hpp"

namespace sallyport::registers {
namespace {

class CachedEnrichment final : public Enrichment {
public:
    explicit CachedEnrichment(Database reader) : reader_(std::move(reader)) {}

    Result<void> refresh() override {
        auto generation = store::register_generation(reader_);
        if (!generation)
            return generation.error().within("registers");
        if (*generation == generation_)
            return {};
        auto registers = RegisterSnapshot::load(reader_);
        if (!registers)
            return registers.error().within("registers");
        auto rows = store::all_rule_sites(reader_);
        if (!rows)
            return rows.error().within("registers");
        registers_ = std::move(*registers);
        rule_sites_ = RuleSites(std::move(*rows));
        generation_ = *generation;
        return {};
    }

    Record fields_for(const Event& event, std::string_view terminal_id, WallTime known_at) override {
        return register_fields(registers_, event, terminal_id, {event_time(event), known_at});
    }

    std::int64_t generation() const override { return generation_; }

    void each_expected(WallTime now, const std::function<void(const std::string&)>& use) override {
        registers_.each("terminals", {now, now}, [&](const std::string& id, const Record& terminal) {
            if (is_expected(terminal))
                use(id);
        });
    }

    std::string ori_of(std::string_view terminal_id, WallTime now) override {
        const store::RegisterEntry* entry = registers_.find_entry("terminals", terminal_id, {now, now});
        return entry == nullptr ? std::string() : entry->ori;
    }

    bool is_live(std::string_view rule_id, std::string_view site_id) override {
        const store::RuleSite* row = rule_sites_.deciding(rule_id, site_id);
        return row != nullptr && row->state == "live";
    }

    std::optional<double> parameter(std::string_view rule_id, std::string_view site_id, std::string_view name) override {
        return rule_sites_.parameter(rule_id, site_id, name);
    }

private:
    Database reader_;
    std::int64_t generation_ = -1;
    RegisterSnapshot registers_;
    RuleSites rule_sites_;
};

}  // namespace

Result<std::unique_ptr<Enrichment>> Enrichment::open(Database reader) {
    auto enrichment = std::make_unique<CachedEnrichment>(std::move(reader));
    if (auto done = enrichment->refresh(); !done)
        return done.error();
    return std::unique_ptr<Enrichment>(std::move(enrichment));
}

}  // namespace sallyport::registers
