// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "agent/sensors/host/accounts.hpp"

namespace sallyport::agent {
namespace {

struct Account {
    std::string name;
    std::string uid;
};

// The first that `is` says yes to.
template <class Is>
std::optional<std::string> find_in_file(const std::filesystem::path& root, const Is& is) {
    std::ifstream lines(root / "etc/passwd");
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        Account account;
        std::string password;
        if (std::getline(words, account.name, ':') && std::getline(words, password, ':') &&
            std::getline(words, account.uid, ':') && is(account))
            return account.name;
    }
    return std::nullopt;
}

}  // namespace

bool is_account(const std::filesystem::path& root, const std::string& name) {
    if (name.empty()) return false;
    if (find_in_file(root, [&](const Account& account) { return account.name == name; })) return true;
    std::array<char, 4096> texts{};
    passwd entry{};
    passwd* found = nullptr;
    return root == "/" && getpwnam_r(name.c_str(), &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr;
}

std::optional<std::string> account_of(const std::filesystem::path& root, std::uint32_t uid) {
    const std::string wanted = std::to_string(uid);
    if (auto name = find_in_file(root, [&](const Account& account) { return account.uid == wanted; })) return name;
    std::array<char, 4096> texts{};
    passwd entry{};
    passwd* found = nullptr;
    if (root == "/" && getpwuid_r(uid, &entry, texts.data(), texts.size(), &found) == 0 && found != nullptr)
        return std::string(found->pw_name);
    return std::nullopt;
}

}  // namespace sallyport::agent
