// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "protocol/file_rights.hpp"

namespace sallyport {
namespace {

Result<mode_t> mode_of(const std::filesystem::path& path) {
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0)
        return Error(errno == ENOENT ? Errc::not_found : Errc::io,
                     path.string() + ": " + std::generic_category().message(errno));
    return facts.st_mode;
}

std::string octal(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode) & 07777U);
    return text.data();
}

std::filesystem::path credentials() {
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder).lexically_normal();
}

bool is_credential(const std::filesystem::path& file) {
    const auto folder = credentials();
    return !folder.empty() && file.parent_path().lexically_normal() == folder;
}

}  // namespace

Result<void> check_secret_file(const std::filesystem::path& file) {
    auto mode = mode_of(file);
    if (!mode)
        return mode.error();
    const mode_t forbidden = is_credential(file) ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
    if ((*mode & forbidden) != 0)
        return Error(Errc::refused, file.string() + ": its mode is " + octal(*mode) +
                                        ": others than its owner have rights to it; chmod 600 it");
    return {};
}

Result<void> check_private_folder(const std::filesystem::path& folder) {
    auto mode = mode_of(folder.empty() ? "." : folder);
    if (!mode)
        return mode.error();
    // In a sticky folder (/tmp) others can add files, but not take away or exchange ours.
    const bool others_write = (*mode & (S_IWGRP | S_IWOTH)) != 0 && (*mode & S_ISVTX) == 0;
    if (others_write)
        return Error(Errc::refused, folder.string() + ": its mode is " + octal(*mode) +
                                        ": others than its owner may exchange files in it; chmod go-w it");
    return {};
}

std::filesystem::path configured_path(const std::filesystem::path& folder, const std::string& text) {
    constexpr std::string_view kCredential = "$CREDENTIALS_DIRECTORY/";
    if (!text.starts_with(kCredential))
        return folder / text;
    const auto given = credentials();
    return given.empty() ? given : given / text.substr(kCredential.size());
}

}  // namespace sallyport
