// SPDX-License-Identifier: Apache-2.0
//
// private_cupsd.py for tests.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "tests/support/script_process.hpp"

namespace sallyport::testing {

class PrivateCupsd {
public:
    PrivateCupsd()
        : directory_(make_directory()),
          script_({"/usr/bin/python3", SALLYPORT_SOURCE_DIR "/tests/support/cupsd/private_cupsd.py",
                   directory_, "0"}) {}
    ~PrivateCupsd() {
        std::error_code ignored;  // a backend that still ends may tidy up as well
        std::filesystem::remove_all(directory_, ignored);
    }
    PrivateCupsd(const PrivateCupsd&) = delete;
    PrivateCupsd& operator=(const PrivateCupsd&) = delete;

    [[nodiscard]] bool is_ready() const { return !script_.ready().empty(); }
    // host:port
    [[nodiscard]] std::string server() const { return script_.ready(); }
    [[nodiscard]] std::filesystem::path directory() const { return directory_; }
    std::string tell(const std::string& command) { return script_.tell(command); }

private:
    static std::string make_directory() {
        char name[] = "/tmp/sallyport-cupsd-XXXXXX";
        return mkdtemp(name);
    }

    std::string directory_;
    ScriptProcess script_;
};

}  // namespace sallyport::testing
