// SPDX-License-Identifier: Apache-2.0
#include "protocol/result.hpp"

namespace sallyport {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::bad_input: return "bad input";
        case Errc::refused: return "refused";
        case Errc::not_found: return "not found";
        case Errc::conflict: return "conflict";
        case Errc::corrupt: return "corrupt";
        case Errc::io: return "input/output";
        case Errc::unavailable: return "unavailable";
        case Errc::exhausted: return "exhausted";
        case Errc::internal: return "internal";
    }
    return "unknown";
}

}  // namespace sallyport
