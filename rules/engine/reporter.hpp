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
    // Without a list for warnings they are not kept.
    Reporter(std::string file, std::vector<Fault>& faults, std::vector<Fault>* warnings = nullptr)
        : file_(std::move(file)), faults_(faults), warnings_(warnings) {}

    void operator()(Place place, std::string message) const {
        faults_.push_back({file_, place.line, place.column, std::move(message)});
    }
    // What is understood, but perhaps not what its author meant.
    void warn(Place place, std::string message) const {
        if (warnings_ != nullptr) warnings_->push_back({file_, place.line, place.column, std::move(message)});
    }
    [[nodiscard]] std::size_t count() const { return faults_.size(); }

private:
    std::string file_;
    std::vector<Fault>& faults_;
    std::vector<Fault>* warnings_;
};

}  // namespace sallyport::rules
