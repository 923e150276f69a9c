// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/drill_cues.hpp"

namespace sallyport::agent {
namespace {

class NoDrill final : public DrillCues {
public:
    [[nodiscard]] std::optional<DrillOrder> cue(std::string_view) const override { return std::nullopt; }
    [[nodiscard]] std::stop_token next() const override { return {}; }
    void done(std::string_view) override {}
    [[nodiscard]] Result<void> looked(std::string_view) override { return {}; }
    [[nodiscard]] Result<void> cannot(std::string_view, std::string_view) override { return {}; }
};

}  // namespace

DrillCues& no_drill() {
    static NoDrill none;
    return none;
}

}  // namespace sallyport::agent
