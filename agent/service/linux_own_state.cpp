// SPDX-License-Identifier: Apache-2.0
#include "agent/service/linux_own_state.hpp"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "protocol/file_digest.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

// A file's digest, read again only when the file changed: nobody can set the time of its last change (ctime).
class WatchedDigest {
public:
    [[nodiscard]] std::optional<std::string> of(const fs::path& file) {
        struct stat facts {};
        if (stat(file.c_str(), &facts) != 0)
            return std::nullopt;
        const std::string mark = std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino) + ":" +
                                 std::to_string(facts.st_size) + ":" + std::to_string(facts.st_ctim.tv_sec) + "." +
                                 std::to_string(facts.st_ctim.tv_nsec);
        if (mark == mark_)
            return digest_;
        const auto digest = sha256_of_file(file);
        if (!digest)
            return std::nullopt;
        mark_ = mark;
        return digest_ = to_hex(*digest);
    }

private:
    std::string mark_, digest_;
};

std::optional<std::string> number_of_file(const fs::path& file) {
    struct stat facts {};
    if (stat(file.c_str(), &facts) != 0)
        return std::nullopt;
    return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

std::optional<std::string> rights_of(const fs::path& file) {
    struct stat facts {};
    if (stat(file.c_str(), &facts) != 0)
        return std::nullopt;
    return std::to_string(facts.st_mode & 07777) + ":" + std::to_string(facts.st_uid) + ":" + std::to_string(facts.st_gid);
}

// `0::/system.slice/sallyport-agent.service` -> `sallyport-agent.service`
std::string unit_in(const fs::path& cgroup) {
    std::ifstream lines(cgroup);
    for (std::string line; std::getline(lines, line);)
        if (line.find("/system.slice/") != std::string::npos && line.ends_with(".service"))
            return line.substr(line.rfind('/') + 1);
    return {};
}

class LinuxOwnState final : public OwnStateReader {
public:
    LinuxOwnState(OwnFiles files, fs::path root)
        : files_(std::move(files)), root_(std::move(root)), unit_(unit_in(root_ / "proc/self/cgroup")) {
        std::error_code failed;
        program_ = fs::read_symlink("/proc/self/exe", failed);
    }

    [[nodiscard]] OwnState read() override {
        OwnState state;
        state.program_sha256 = program_digest_.of(program_);
        state.configuration_sha256 = configuration_digest_.of(files_.configuration);
        state.spool_file = number_of_file(files_.spool);
        if (!unit_.empty())
            state.service_enabled = is_enabled();
        for (const fs::path& file : files_.guarded)
            if (auto rights = rights_of(file))
                state.rights[file.string()] = std::move(*rights);
        return state;
    }

    [[nodiscard]] bool is_traced() const override {
        constexpr std::string_view kField = "TracerPid:";
        std::ifstream lines("/proc/self/status");
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(kField))
                return line.find_first_not_of("0 \t", kField.size()) != std::string::npos;
        return false;
    }

    [[nodiscard]] std::vector<fs::path> files() const override {
        std::vector<fs::path> all = files_.guarded;
        all.push_back(program_);
        return all;
    }

private:
    [[nodiscard]] bool is_enabled() const {
        std::error_code failed;
        for (const char* folder : {"etc/systemd/system", "run/systemd/system"})
            if (fs::read_symlink(root_ / folder / unit_, failed) == "/dev/null")
                return false;
        for (const char* folder : {"etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"})
            for (const auto& entry : fs::directory_iterator(root_ / folder, failed))
                if (entry.path().extension() == ".wants" && fs::exists(fs::symlink_status(entry.path() / unit_, failed)))
                    return true;
        return false;
    }

    const OwnFiles files_;
    const fs::path root_;
    const std::string unit_;
    fs::path program_;
    WatchedDigest program_digest_, configuration_digest_;
};

}  // namespace

std::unique_ptr<OwnStateReader> make_linux_own_state(OwnFiles files, fs::path root) {
    return std::make_unique<LinuxOwnState>(std::move(files), std::move(root));
}

}  // namespace sallyport::agent
