// SPDX-License-Identifier: Apache-2.0
//
// The agent's own files, service and process as the system has them now. The one implementation is service/linux_own_state.cpp.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::agent {

struct OwnFiles {
    std::filesystem::path configuration;
    std::filesystem::path spool;
    std::vector<std::filesystem::path> guarded;  // whose rights must stay as they are
};

struct OwnState {
    std::optional<std::string> program_sha256;        // of the file that was started; empty: it is gone
    std::optional<std::string> configuration_sha256;  // of the file now; empty: it is gone
    std::optional<std::string> spool_file;            // another one than before: it was put in the place of the spool
    std::optional<bool> service_enabled;              // empty: it runs outside a service
    std::map<std::string, std::string> rights;        // path -> mode and owner; nothing for what is not there
};

// Used by one thread.
class OwnStateReader {
public:
    virtual ~OwnStateReader() = default;
    [[nodiscard]] virtual OwnState read() = 0;
    // Somebody looks into the process, or steps it.
    [[nodiscard]] virtual bool is_traced() const = 0;
    // Whose change is worth a look at once.
    [[nodiscard]] virtual std::vector<std::filesystem::path> files() const = 0;
};

}  // namespace sallyport::agent
