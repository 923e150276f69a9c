// SPDX-License-Identifier: Apache-2.0
//
// A condition: understood, or refused with a place inside the text.
#include <cstdint>

#include "rules/engine/condition_parser.hpp"

namespace {

// Every operation has as many operands as it needs.
bool is_whole(const sallyport::rules::Condition& condition) {
    using Operation = sallyport::rules::Condition::Operation;
    switch (condition.operation) {
        case Operation::name:
        case Operation::of:
            return condition.operands.empty() && !condition.name.empty();
        case Operation::negation:
            return condition.operands.size() == 1 && is_whole(condition.operands.front());
        case Operation::all:
        case Operation::any:
            if (condition.operands.size() < 2) return false;
            for (const auto& operand : condition.operands)
                if (!is_whole(operand)) return false;
            return true;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::rules;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_condition(text);
    if (const auto* fault = std::get_if<ConditionFault>(&parsed)) {
        if (fault->message.empty() || fault->offset < 0 || fault->offset > static_cast<int>(size))
            __builtin_trap();
    } else if (!is_whole(std::get<Condition>(parsed))) {
        __builtin_trap();
    }
    return 0;
}
