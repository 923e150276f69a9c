// SPDX-License-Identifier: Apache-2.0
//
// A set of USBGuard's rules: what reads must write to a rule that reads the same, and may be asked about any device.
#include "protocol/usbguard/rule_set.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::usbguard;
    const RuleSet set = read_rule_set({reinterpret_cast<const char*>(data), size});
    for (const NumberedRule& one : set.rules) {
        const auto again = read_rule(write_rule(one.rule));
        if (!again || !*again || **again != one.rule)
            __builtin_trap();
    }
    static_cast<void>(decide(set, Device{}));
    return 0;
}
