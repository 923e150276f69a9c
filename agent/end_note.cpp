// SPDX-License-Identifier: Apache-2.0
#include "agent/end_note.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include "protocol/files.hpp"

namespace sallyport::agent {
namespace {

// Signals by which the kernel ends a program for its own fault. Core dumps are off (they would hold keys), so that a fault is told
// as a signal, too.
constexpr std::string_view kOwnFaults[] = {"SEGV", "ABRT", "BUS", "ILL", "FPE", "TRAP", "SYS"};

}  // namespace

Result<void> write_end_note(const std::filesystem::path& file, const EndNote& note) {
    return replace_file(file, note.result + " " + note.status + "\n", Secrecy::secret);
}

std::optional<EndNote> take_end_note(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text)
        return std::nullopt;
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    EndNote note;
    std::istringstream words(*text);
    if (!(words >> note.result))
        return std::nullopt;
    words >> note.status;
    return note;
}

bool was_killed(const std::optional<EndNote>& note) {
    if (!note)
        return true;
    return note->result == "signal" &&
           std::find(std::begin(kOwnFaults), std::end(kOwnFaults), note->status) == std::end(kOwnFaults);
}

}  // namespace sallyport::agent
