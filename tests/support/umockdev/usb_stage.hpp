// SPDX-License-Identifier: Apache-2.0
//
// A test's own USB bus: the stage as a child, and this process in its environment as long as it lives.
#pragma once

#include "protocol/json.hpp"
#include "tests/support/script_process.hpp"
#include "tests/support/umockdev/under_umockdev.hpp"

namespace sallyport::testing {

class UsbStage {
public:
    explicit UsbStage(std::vector<std::string> arguments = {})
        : process_(with_program(std::move(arguments))) {
        const auto environment = read_json_record(process_.greeting());
        if (!environment) return;
        folder_ = text_of(*environment, "UMOCKDEV_DIR");
        setenv("UMOCKDEV_DIR", folder_.c_str(), 1);
    }
    ~UsbStage() { unsetenv("UMOCKDEV_DIR"); }
    UsbStage(const UsbStage&) = delete;
    UsbStage& operator=(const UsbStage&) = delete;

    // False where umockdev is not installed.
    [[nodiscard]] bool ready() const { return !folder_.empty(); }
    // The port.
    std::string plug(const std::string& what) { return process_.tell("plug " + what); }
    std::string plug_hex(const std::string& what) { return process_.tell("plug-hex " + what); }
    void unplug(const std::string& what) { process_.tell("unplug " + what); }
    void replug(int count, const std::string& what) {
        process_.tell("replug " + std::to_string(count) + " " + what);
    }
    void hold() { process_.tell("hold"); }
    void bring_bus() { process_.tell("bus"); }

private:
    static std::vector<std::string> with_program(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), SALLYPORT_USB_STAGE);
        return arguments;
    }

    ScriptProcess process_;
    std::string folder_;
};

}  // namespace sallyport::testing
