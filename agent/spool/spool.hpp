// SPDX-License-Identifier: Apache-2.0
//
// The agent's queue on disk, and the truth until the collector acknowledges (system.md section 3).
//
// append() returns only after the commit is durable (SQLite, WAL, synchronous=FULL): what it accepted survives kill -9
// and loss of power, numbered without a hole and chained. Acknowledged lines stay for 48 h, so that a restored
// collector can ask again, and are the first to go when space is short; after them the oldest lines of the lowest
// priority give way to tombstones, which keep number and chain whole and are counted.
//
// Thread-safe: sensors append, the uplink reads. Format and crash argument: docs/formats/spool.md.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/clock.hpp"
#include "protocol/crypto.hpp"

namespace sallyport::agent {

struct SpoolLimits {
    std::uint64_t lines_max = 1'000'000;          // lines with content; tombstones are bounded by the file
    std::uint64_t bytes_max = 1ULL << 30;         // of the database file
    std::chrono::hours acknowledged_kept{48};
};

struct SpoolPosition {
    std::uint64_t seq = 0;
    Digest head{};
};

// The instance before this one; its first line must name it (system.md 9.1).
struct Predecessor {
    std::string instance = "unknown";  // 32 hex digits, or `unknown`
    std::optional<SpoolPosition> last;
};

// Contiguous lines, ready to be a batch.
struct SpoolSlice {
    std::uint64_t first_seq = 0;
    Digest previous{};
    std::vector<std::string> lines;
};

// How full it is of what the collector does not have yet.
enum class QueuePressure { calm, filling, overflow };

class Spool {
public:
    // Writes the line for the number it is given.
    using Compose = std::function<Result<std::string>(std::uint64_t seq)>;

    // Opens the spool of this terminal, or makes one with a new random instance. Errors: corrupt (torn or altered
    // data), conflict (another terminal's, or chained from another enrolled key), io.
    [[nodiscard]] static Result<std::unique_ptr<Spool>> open(const std::filesystem::path& file, std::string terminal,
                                                             const PublicKey& enrolled, const Clock& clock,
                                                             SpoolLimits limits = {});

    // As open(); a spool that is corrupt, or chained from another key, is moved aside (never deleted) and a new
    // instance is begun that names what could be read of the old one. `replaced` then says why, and where it lies.
    struct Opened {
        std::unique_ptr<Spool> spool;
        std::optional<Error> replaced;
    };
    [[nodiscard]] static Result<Opened> open_or_replace(const std::filesystem::path& file, const std::string& terminal,
                                                        const PublicKey& enrolled, const Clock& clock,
                                                        SpoolLimits limits = {});
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    [[nodiscard]] const std::string& terminal() const;
    [[nodiscard]] const std::string& instance() const;
    // Set while nothing has been written yet.
    [[nodiscard]] std::optional<Predecessor> predecessor() const;

    // Durable when it returns. Errc::exhausted when not even eviction makes room; nothing was taken then.
    [[nodiscard]] Result<SpoolPosition> append(std::string_view type, const Compose& compose);

    // At least one line, at most so many lines and bytes, from `from_seq` on; empty when there is none yet.
    // Errc::not_found when that line has been removed already.
    [[nodiscard]] Result<SpoolSlice> read(std::uint64_t from_seq, std::size_t lines_max, std::size_t bytes_max) const;
    // The chain's head after that line; the genesis at 0.
    [[nodiscard]] Result<Digest> head_at(std::uint64_t seq) const;
    [[nodiscard]] SpoolPosition last() const;
    // The first line that can still be read, or last + 1.
    [[nodiscard]] std::uint64_t first_retained() const;

    // The collector has everything up to seq. Errc::conflict, and nothing is changed, when its head there is not ours.
    [[nodiscard]] Result<void> acknowledge(std::uint64_t seq, const Digest& head);
    [[nodiscard]] std::uint64_t acknowledged() const;

    // Lines not acknowledged; lines whose content was given up, ever.
    [[nodiscard]] std::uint64_t depth() const;
    [[nodiscard]] std::uint64_t dropped() const;
    [[nodiscard]] QueuePressure pressure() const;

private:
    class Store;
    explicit Spool(std::unique_ptr<Store> store);
    std::unique_ptr<Store> store_;
};

}  // namespace sallyport::agent
