// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <iostream>

#include "agent/sensors/camera/process/report_outlet.hpp"
#include "protocol/json.hpp"

namespace sallyport::camera {
namespace {

class JsonLines final : public ReportOutlet {
public:
    Result<void> tell(const CameraEvent& event) override {
        const std::string_view type = event_type(event.report);
        if (type.empty())
            return {};
        Record line{{"t", std::round(event.t * 1000) / 1000}, {"type", type}};
        for (const auto& [name, value] : event_body(event.report))
            line.append(name, value);
        // One write a line: the reader never sees half of one.
        std::cout << write_json(line) + "\n" << std::flush;
        return std::cout ? Result<void>() : Error(Errc::io, "standard output: cannot be written");
    }
    Heard heard() override { return {}; }
    Doors doors() const override { return {}; }
};

}  // namespace

std::unique_ptr<ReportOutlet> json_lines() { return std::make_unique<JsonLines>(); }

}  // namespace sallyport::camera
