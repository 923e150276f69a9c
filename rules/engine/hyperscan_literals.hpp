// SPDX-License-Identifier: Apache-2.0
//
// Many literals looked for in one pass over a text (Hyperscan). Time linear in the text, whatever the
// literals.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::rules {

// What one thread needs for scanning; serves any number of databases once each was made known to it.
class LiteralScratch {
public:
    [[nodiscard]] static std::unique_ptr<LiteralScratch> create();
    virtual ~LiteralScratch() = default;
};

// Immutable and thread-safe once made.
class LiteralDatabase {
public:
    // Literals are bytes, not empty, each once; a literal's number is its place. Throws where memory is
    // short, as every allocation does, or the processor lacks SSSE3.
    [[nodiscard]] static std::shared_ptr<const LiteralDatabase> compile(
        const std::vector<std::string>& literals);
    virtual ~LiteralDatabase() = default;

    // Must be called once, and not while anything is scanned with the scratch, before scan() with it.
    virtual void prepare(LiteralScratch& scratch) const = 0;
    // Adds the number of every literal that is in the text to `found`, each once.
    virtual void scan(std::string_view text, LiteralScratch& scratch,
                      std::vector<std::uint32_t>& found) const = 0;
    [[nodiscard]] virtual std::size_t bytes() const = 0;
};

}  // namespace sallyport::rules
