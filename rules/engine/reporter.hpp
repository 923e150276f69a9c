// SPDX-License-Identifier: Apache-2.0
//
// Where the readers of one source put what they do not understand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rules/engine/yaml_document.hpp"

namespace sallyport::rules {

class Reporter {
public:
    Reporter(std::string file, std::vector<Fault>& faults) : file_(std::move(file)), faults_(faults) {}

    void operator()(Place place, std::string message) const {
        faults_.push_back({file_, place.line, place.column, std::move(message)});
    }
    [[nodiscard]] std::size_t count() const { return faults_.size(); }

private:
    std::string file_;
    std::vector<Fault>& faults_;
};

}  // namespace sallyport::rules
