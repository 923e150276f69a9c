// SPDX-License-Identifier: Apache-2.0
//
// mock_logind.py for tests: the bus is private to the test program, which sees it as its system bus.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "tests/support/script_process.hpp"

namespace sallyport::testing {

class MockLogind {
public:
    MockLogind()
        : directory_(make_directory()),
          script_(
              {"/usr/bin/python3", SALLYPORT_SOURCE_DIR "/tests/support/logind/mock_logind.py", directory_}) {
        setenv("DBUS_SYSTEM_BUS_ADDRESS", ("unix:path=" + directory_ + "/bus").c_str(), 1);
    }
    ~MockLogind() { std::filesystem::remove_all(directory_); }
    MockLogind(const MockLogind&) = delete;
    MockLogind& operator=(const MockLogind&) = delete;

    [[nodiscard]] bool ready() const { return !script_.ready().empty(); }
    std::string tell(const std::string& command) { return script_.tell(command); }

private:
    static std::string make_directory() {
        char name[] = "/tmp/sallyport-logind-XXXXXX";
        return mkdtemp(name);
    }

    std::string directory_;
    ScriptProcess script_;
};

}  // namespace sallyport::testing
