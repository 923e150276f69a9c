// SPDX-License-Identifier: Apache-2.0
//
// The one file that includes Hyperscan.
#include "rules/engine/hyperscan_literals.hpp"

#include <hs/hs.h>

#include <algorithm>
#include <new>
#include <numeric>
#include <stdexcept>

namespace sallyport::rules {
namespace {

class Scratch final : public LiteralScratch {
public:
    ~Scratch() override { hs_free_scratch(scratch); }
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    hs_scratch_t* scratch = nullptr;
};

class Database final : public LiteralDatabase {
public:
    Database(hs_database_t* database, std::size_t shortest) : database_(database), shortest_(shortest) {}
    ~Database() override { hs_free_database(database_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void prepare(LiteralScratch& scratch) const override {
        if (hs_alloc_scratch(database_, &static_cast<Scratch&>(scratch).scratch) != HS_SUCCESS)
            throw std::bad_alloc();
    }

    void scan(std::string_view text, LiteralScratch& scratch,
              std::vector<std::uint32_t>& found) const override {
        if (text.size() < shortest_) return;
        const auto take = [](unsigned id, unsigned long long, unsigned long long, unsigned, void* to) {
            static_cast<std::vector<std::uint32_t>*>(to)->push_back(id);
            return 0;
        };
        hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0,
                static_cast<Scratch&>(scratch).scratch, take, &found);
    }

    [[nodiscard]] std::size_t bytes() const override {
        std::size_t bytes = 0;
        hs_database_size(database_, &bytes);
        return bytes;
    }

private:
    hs_database_t* database_;
    std::size_t shortest_;
};

}  // namespace

std::unique_ptr<LiteralScratch> LiteralScratch::create() {
    return std::make_unique<Scratch>();
}

std::shared_ptr<const LiteralDatabase> LiteralDatabase::compile(const std::vector<std::string>& literals) {
    std::vector<const char*> texts;
    std::vector<std::size_t> lengths;
    std::size_t shortest = ~std::size_t{0};
    for (const std::string& literal : literals) {
        texts.push_back(literal.data());
        lengths.push_back(literal.size());
        shortest = std::min(shortest, literal.size());
    }
    const std::vector<unsigned> flags(literals.size(), HS_FLAG_SINGLEMATCH);
    std::vector<unsigned> numbers(literals.size());
    std::iota(numbers.begin(), numbers.end(), 0U);
    hs_database_t* database = nullptr;
    hs_compile_error_t* failure = nullptr;
    if (hs_compile_lit_multi(texts.data(), flags.data(), numbers.data(), lengths.data(),
                             static_cast<unsigned>(literals.size()), HS_MODE_BLOCK, nullptr, &database,
                             &failure) != HS_SUCCESS) {
        const std::string why = failure != nullptr ? failure->message : "unknown";
        hs_free_compile_error(failure);
        throw std::runtime_error("rules: the literals cannot be compiled: " + why);
    }
    return std::make_shared<Database>(database, shortest);
}

}  // namespace sallyport::rules
