// SPDX-License-Identifier: Apache-2.0
//
// A rule file: understood or refused with a place, never a crash.
#include "rules/engine/rule_set.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::rules;
    const auto loaded = RuleSet::load({Source{"fuzz.yml", std::string(reinterpret_cast<const char*>(data), size)}});
    if (const auto* faults = std::get_if<std::vector<Fault>>(&loaded))
        for (const Fault& fault : *faults)
            if (fault.line < 1 || fault.message.empty())
                __builtin_trap();
    return 0;
}
