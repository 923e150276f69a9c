// SPDX-License-Identifier: Apache-2.0
//
// The wall of terminals: for each one its place, sign of life, every sensor's state and reason, and its open
// alerts. Computed once for all consoles and kept until the store changes. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "protocol/adapters/sqlite_database.hpp"
#include "protocol/clock.hpp"
#include "protocol/value.hpp"

namespace sallyport::api {

struct Place {
    std::string room, site;  // labels; empty where the registers know nothing
};

class TerminalBoard {
public:
    // Reads what changed. Returns the board's version, which rises with every change of any terminal.
    [[nodiscard]] Result<std::uint64_t> refresh(Database& reader, WallTime now);

    [[nodiscard]] List terminals() const;
    [[nodiscard]] std::optional<Record> terminal(std::string_view terminal_id) const;
    [[nodiscard]] List changed_since(std::uint64_t version) const;
    [[nodiscard]] List sites() const;
    [[nodiscard]] std::uint64_t version() const;
    [[nodiscard]] Place place_of(const std::string& terminal_id, const std::string& room_id,
                                 const std::string& site_id) const;

private:
    struct Seen {
        Record view;
        std::uint64_t changed = 0;
    };
    struct Registered {
        std::string site_id, room_id;
        Record data;
    };

    Result<void> load_registers(Database& reader, WallTime now);
    void replace(std::map<std::string, Record> views);
    [[nodiscard]] std::string label(const std::map<std::string, std::string>& labels,
                                    const std::string& id) const;

    mutable std::mutex mutex_;
    std::uint64_t version_ = 0;
    std::int64_t register_generation_ = -1;
    std::map<std::string, Registered> registered_;
    std::map<std::string, std::string> room_labels_, site_names_;
    std::map<std::string, Seen> terminals_;
};

}  // namespace sallyport::api
