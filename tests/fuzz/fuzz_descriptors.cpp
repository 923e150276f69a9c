// SPDX-License-Identifier: Apache-2.0
//
// What a device says it is: the first thing that a hostile one can send.
#include "protocol/usbguard/descriptors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::usbguard;
    if (const auto read = read_descriptors({data, size})) {
        std::size_t sum = 0;
        for (const Descriptor& one : *read)
            sum += one.bytes.size();
        if (sum != size)
            __builtin_trap();
        static_cast<void>(is_input_only(interfaces_in(*read)));
    }
    return 0;
}
