// SPDX-License-Identifier: Apache-2.0
//
// The small files in which the kernel and the system tell of themselves (/proc, /sys, /etc), read so that what comes out
// fits the catalogue. What cannot be read, or is not what it should be, is absent and never an empty text. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::agent {

// At most 64 KiB of it, whatever it holds.
[[nodiscard]] std::optional<std::string> read_bytes(const std::filesystem::path& file);
// The newest whole records of a file that grows: at most so many of that size.
[[nodiscard]] std::optional<std::string> read_tail(const std::filesystem::path& file, std::size_t record_bytes,
                                                   std::size_t records_max);
// Its first line as a catalogue label: printable ASCII, no blanks around it.
[[nodiscard]] std::optional<std::string> read_label(const std::filesystem::path& file, std::size_t longest = 64);
// Likewise as a catalogue token: what a token cannot hold becomes `_`.
[[nodiscard]] std::optional<std::string> read_token(const std::filesystem::path& file, std::size_t longest = 64);
// A text as a token of the catalogue; nothing when it is empty or too long.
[[nodiscard]] std::optional<std::string> as_token(std::string text, std::size_t longest = 64);

// What is in the folder, in order; nothing when it is not there.
[[nodiscard]] std::vector<std::filesystem::path> entries(const std::filesystem::path& folder);
// Where in the device tree an entry of /sys/class really is: `.../devices/pci0000:00/...`.
[[nodiscard]] std::string place_of(const std::filesystem::path& entry);

}  // namespace sallyport::agent
