// SPDX-License-Identifier: Apache-2.0
//
// A register file: what reads must write to a text that reads the same.
#include "collector/registers/csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sallyport::registers;
    const auto read = read_csv({reinterpret_cast<const char*>(data), size});
    if (const auto* table = std::get_if<CsvTable>(&read)) {
        const auto again = read_csv(write_csv(*table));
        if (!std::holds_alternative<CsvTable>(again))
            __builtin_trap();
    }
    return 0;
}
