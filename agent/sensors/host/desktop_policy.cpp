// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/host/desktop_policy.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "agent/sensors/kernel_files.hpp"

namespace sallyport::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLockLimit = 30 * 60;  // CSP AC-11(a)

std::string trimmed(std::string text) {
    const auto first = text.find_first_not_of(" \t\r");
    return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct Prescribed {
    std::string value;
    bool locked = false;  // nobody can set it otherwise
};
using Prescriptions = std::map<std::string, Prescribed>;  // `org/gnome/desktop/session/idle-delay`

// `[group]` and `key=value`; later ones win.
std::map<std::string, std::string> read_key_file(const fs::path& file) {
    std::map<std::string, std::string> values;
    std::istringstream lines(read_bytes(file).value_or(""));
    std::string group;
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        const auto equals = line.find('=');
        if (line.empty() || line.front() == '#') continue;
        if (line.front() == '[' && line.back() == ']')
            group = line.substr(1, line.size() - 2);
        else if (equals != std::string::npos)
            values[group + "/" + trimmed(line.substr(0, equals))] = trimmed(line.substr(equals + 1));
    }
    return values;
}

// The databases of a profile, the most important first (dconf(7)).
Prescriptions read_dconf(const fs::path& root, const std::string& profile) {
    Prescriptions found;
    std::istringstream lines(read_bytes(root / "etc/dconf/profile" / profile).value_or(""));
    for (std::string line; std::getline(lines, line);) {
        constexpr std::string_view kSystem = "system-db:";
        line = trimmed(line);
        if (!line.starts_with(kSystem)) continue;
        const fs::path folder = root / "etc/dconf/db" / (line.substr(kSystem.size()) + ".d");
        std::map<std::string, std::string> values;
        for (const fs::path& file : entries(folder))
            for (auto& [key, value] : read_key_file(file))
                values[key] = std::move(value);
        for (auto& [key, value] : values)
            found.try_emplace(key, Prescribed{std::move(value), false});
        for (const fs::path& file : entries(folder / "locks")) {
            std::istringstream keys(read_bytes(file).value_or(""));
            for (std::string key; std::getline(keys, key);)
                if (const auto at = found.find(trimmed(key).substr(trimmed(key).starts_with('/') ? 1 : 0)); at != found.end())
                    at->second.locked = true;
        }
    }
    return found;
}

// `uint32 900` as 900
std::optional<std::int64_t> number_in(const std::string& text) {
    const std::string digits = text.substr(text.find_last_of(' ') + 1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc() && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

std::string_view verdict(bool right, bool locked) { return !right ? "no" : locked ? "yes" : "unknown"; }

class DconfPolicy {
public:
    explicit DconfPolicy(Prescriptions all) : all_(std::move(all)) {}

    [[nodiscard]] const Prescribed* find(const std::string& key) const {
        const auto at = all_.find(key);
        return at == all_.end() ? nullptr : &at->second;
    }

    // The screen goes dark after idle-delay and is locked lock-delay after that.
    void add_lock_timeout(std::vector<PolicySetting>& settings) const {
        const Prescribed* idle = find("org/gnome/desktop/session/idle-delay");
        const Prescribed* locks = find("org/gnome/desktop/screensaver/lock-enabled");
        const Prescribed* delay = find("org/gnome/desktop/screensaver/lock-delay");
        const auto dark = idle == nullptr ? std::nullopt : number_in(idle->value);
        if (locks != nullptr && locks->value == "false") return settings.push_back({"lock_timeout", "never", "no"});
        if (!dark) return;
        if (*dark == 0) return settings.push_back({"lock_timeout", "never", "no"});
        const std::int64_t seconds = *dark + (delay == nullptr ? 0 : number_in(delay->value).value_or(0));
        const bool locked = idle->locked && locks != nullptr && locks->locked && delay != nullptr && delay->locked;
        settings.push_back({"lock_timeout", std::to_string(seconds), verdict(seconds <= kLockLimit, locked)});
    }

    // A locked screen shows nothing of the desktop but what programs say in notifications.
    void add_lock_screen_hides(std::vector<PolicySetting>& settings) const {
        if (const Prescribed* shows = find("org/gnome/desktop/notifications/show-in-lock-screen")) {
            const bool hides = shows->value == "false";
            settings.push_back({"lock_screen_hides", hides ? "on" : "off", verdict(hides, shows->locked)});
        }
    }

    [[nodiscard]] bool shows_banner() const {
        const Prescribed* enabled = find("org/gnome/login-screen/banner-message-enable");
        const Prescribed* text = find("org/gnome/login-screen/banner-message-text");
        return enabled != nullptr && enabled->value == "true" && text != nullptr && text->value.size() > 2;
    }

private:
    Prescriptions all_;
};

// KDE's lock, in minutes; `Timeout[$i]=15` cannot be set otherwise.
void add_kde_lock(const fs::path& root, std::vector<PolicySetting>& settings) {
    const auto values = read_key_file(root / "etc/xdg/kscreenlockerrc");
    const auto find = [&](const std::string& key) -> std::optional<Prescribed> {
        for (const std::string_view mark : {"[$i]", ""})
            if (const auto at = values.find("Daemon/" + key + std::string(mark)); at != values.end())
                return Prescribed{at->second, !mark.empty()};
        return std::nullopt;
    };
    const auto locks = find("Autolock"), timeout = find("Timeout");
    if (locks && locks->value == "false") return settings.push_back({"lock_timeout", "never", "no"});
    const auto minutes = timeout ? number_in(timeout->value) : std::nullopt;
    if (!minutes) return;
    if (*minutes == 0) return settings.push_back({"lock_timeout", "never", "no"});
    const bool locked = timeout->locked && locks && locks->locked;
    settings.push_back({"lock_timeout", std::to_string(*minutes * 60), verdict(*minutes * 60 <= kLockLimit, locked)});
}

// More than the name of the system, which is what a fresh one says there.
bool has_issue(const fs::path& root) {
    std::istringstream lines(read_bytes(root / "etc/issue").value_or(""));
    for (std::string line; std::getline(lines, line);) {
        line = trimmed(line);
        if (!line.empty() && line.find("\\n") == std::string::npos && line.find("\\l") == std::string::npos) return true;
    }
    return false;
}

void add_banner(const fs::path& root, std::vector<PolicySetting>& settings) {
    std::error_code failed;
    const bool gnome = fs::exists(root / "etc/pam.d/gdm-password", failed);
    if (!gnome && !fs::exists(root / "etc/issue", failed)) return;
    const bool shown = gnome ? DconfPolicy(read_dconf(root, "gdm")).shows_banner() : has_issue(root);
    settings.push_back({"banner", shown ? "on" : "off", shown ? "yes" : "no"});
}

}  // namespace

std::vector<PolicySetting> read_desktop_policy(const fs::path& root) {
    std::vector<PolicySetting> settings;
    const DconfPolicy desktop(read_dconf(root, "user"));
    desktop.add_lock_timeout(settings);
    if (settings.empty()) add_kde_lock(root, settings);
    desktop.add_lock_screen_hides(settings);
    add_banner(root, settings);
    return settings;
}

}  // namespace sallyport::agent
