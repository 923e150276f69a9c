// SPDX-License-Identifier: Apache-2.0
#include "rules/engine/state_ledger.hpp"

namespace sallyport::rules {

void StateLedger::change_group(Group group) {
    Marks& marks = marks_of(group);
    if (std::exchange(marks.changed, true)) return;
    changed_.push_back(group);
}

StateLedger::Marks& StateLedger::marks_of(Group group) {
    if (marks_.size() <= group) marks_.resize(group + 1);
    return marks_[group];
}

}  // namespace sallyport::rules
