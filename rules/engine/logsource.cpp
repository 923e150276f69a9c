// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/logsource.hpp"

#include <algorithm>

namespace sallyport::rules {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
    return text.empty() || std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

bool fits(const LogsourceFilter& filter, const std::optional<Logsource>& logsource) {
    return !logsource ||
           ((filter.product.empty() || filter.product == logsource->product) &&
            contains(logsource->category, filter.category) && contains(logsource->service, filter.service));
}

}  // namespace sallyport::rules
