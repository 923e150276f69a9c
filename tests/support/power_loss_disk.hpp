// SPDX-License-Identifier: Apache-2.0
//
// A disk under SQLite that loses power: a layer between SQLite and the real files which knows what was synced and what
// was only written. When the power goes every call fails; what a disk may then hold is all that was synced, and of the
// rest any sectors in any order, or none. While one is alive it is SQLite's default file system: one at a time, one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace sallyport::testing {

class PowerLossDisk {
public:
    explicit PowerLossDisk(std::uint32_t seed);
    ~PowerLossDisk();
    PowerLossDisk(const PowerLossDisk&) = delete;
    PowerLossDisk& operator=(const PowerLossDisk&) = delete;

    // The power goes at this write or sync, counted from 1 since the disk was made; that one is not done any more.
    void cut_at(std::uint64_t operation) { cut_at_ = operation; }
    [[nodiscard]] bool dark() const { return cut_at_ != 0 && operations_ >= cut_at_; }
    [[nodiscard]] std::uint64_t operations() const { return operations_; }

    // Writes what is left of every file into `folder`, under its own name.
    void leave_in(const std::filesystem::path& folder);

    // What the layer tells. False: there is no power.
    bool written(const std::string& path, std::uint64_t offset, const void* bytes, std::size_t count);
    bool truncated(const std::string& path, std::uint64_t size);
    bool synced(const std::string& path);
    bool removed(const std::string& path);

private:
    struct Change {
        std::uint64_t offset;
        std::string bytes;
        bool truncates;
    };
    struct Platter {
        std::string synced;
        std::vector<Change> since;
    };
    bool powered();
    void apply(std::string& content, const Change& change, bool all);
    bool coin() { return (random_() & 1U) != 0; }

    std::map<std::string, Platter> platters_;
    std::uint64_t operations_ = 0;
    std::uint64_t cut_at_ = 0;
    std::mt19937 random_;
    sqlite3_vfs* beneath_;
    std::unique_ptr<sqlite3_vfs> layer_;
};

}  // namespace sallyport::testing
