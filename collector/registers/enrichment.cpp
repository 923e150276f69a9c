// SPDX-License-Identifier: Apache-2.0
#include "collector/registers/enrichment.hpp"

#include <map>
#include <utility>

#include "collector/registers/expected_terminals.hpp"
#include "collector/registers/register_fields.hpp"

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
        rule_sites_.clear();
        for (auto& row : *rows)
            rule_sites_.emplace(std::pair(row.rule_id, row.site_id), std::move(row));
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
        const store::RuleSite* row =
            most_specific(rule_id, site_id, [](const store::RuleSite& candidate) { return candidate.state.has_value(); });
        return row != nullptr && row->state == "live";
    }

    std::optional<double> parameter(std::string_view rule_id, std::string_view site_id, std::string_view name) override {
        const store::RuleSite* row = most_specific(rule_id, site_id, [&](const store::RuleSite& candidate) {
            return number_of(candidate.parameters, name).has_value();
        });
        return row == nullptr ? std::nullopt : number_of(row->parameters, name);
    }

private:
    template <class Decides>
    const store::RuleSite* most_specific(std::string_view rule_id, std::string_view site_id, Decides decides) const {
        const std::string rule(rule_id), site(site_id), any;
        for (const auto& key : {std::pair(rule, site), std::pair(rule, any), std::pair(any, site), std::pair(any, any)}) {
            const auto row = rule_sites_.find(key);
            if (row != rule_sites_.end() && decides(row->second))
                return &row->second;
        }
        return nullptr;
    }

    Database reader_;
    std::int64_t generation_ = -1;
    RegisterSnapshot registers_;
    std::map<std::pair<std::string, std::string>, store::RuleSite> rule_sites_;
};

}  // namespace

Result<std::unique_ptr<Enrichment>> Enrichment::open(Database reader) {
    auto enrichment = std::make_unique<CachedEnrichment>(std::move(reader));
    if (auto done = enrichment->refresh(); !done)
        return done.error();
    return std::unique_ptr<Enrichment>(std::move(enrichment));
}

}  // namespace sallyport::registers
