// SPDX-License-Identifier: Apache-2.0
#include "agent/sensors/print/print_settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>

namespace sallyport::agent {
namespace {

constexpr std::int64_t kHistoryJobsLeast = 100;
constexpr std::int64_t kHistorySecondsLeast = 600;
constexpr std::int64_t kFilesSecondsMost = 86'400;

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r";
    const auto begin = text.find_first_not_of(kBlank);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// Directive (lower case) -> value, the last one counts; and what each <Policy> says.
struct Directives {
    std::map<std::string, std::string> all;
    std::vector<std::map<std::string, std::string>> policies;

    [[nodiscard]] std::optional<std::string> find(const std::string& name) const {
        const auto at = all.find(name);
        return at == all.end() ? std::nullopt : std::optional(at->second);
    }
};

void read_line(std::string_view line, bool& in_policy, Directives& into) {
    // cupsd takes `#` for a comment anywhere but behind a backslash.
    for (auto hash = line.find('#'); hash != std::string_view::npos; hash = line.find('#', hash + 1))
        if (hash == 0 || line[hash - 1] != '\\') {
            line = line.substr(0, hash);
            break;
        }
    line = trimmed(line);
    if (line.empty()) return;
    const auto end = std::min(line.find_first_of(" \t"), line.size());
    const std::string name = lower(line.substr(0, end));
    if (name == "<policy") into.policies.emplace_back();
    if (name == "<policy" || name.starts_with("</policy")) in_policy = name == "<policy";
    auto& place = in_policy ? into.policies.back() : into.all;
    place[name] = std::string(trimmed(line.substr(end)));
}

Directives read(std::string_view text) {
    Directives directives;
    bool in_policy = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        read_line(text.substr(0, end), in_policy, directives);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return directives;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

constexpr std::int64_t kForever = INT64_MAX;

// `Yes`, `No` or seconds; nothing where cupsd would not understand it either.
std::optional<std::int64_t> seconds_kept(const std::string& value) {
    const std::string word = lower(value);
    if (word == "yes" || word == "on" || word == "true") return kForever;
    if (word == "no" || word == "off" || word == "false") return 0;
    return number_in(word);
}

PrintSetting history(const Directives& conf) {
    const auto seconds = seconds_kept(conf.find("preservejobhistory").value_or("yes"));
    const auto jobs = number_in(conf.find("maxjobs").value_or("500"));
    if (!seconds || !jobs) return {"print_history", "unknown", "unknown"};
    if (*seconds == 0) return {"print_history", "off", "no"};
    const bool enough = (*jobs == 0 || *jobs >= kHistoryJobsLeast) && *seconds >= kHistorySecondsLeast;
    std::string value = std::to_string(*jobs);
    if (*seconds != kForever) value += "/" + std::to_string(*seconds);
    return {"print_history", value, enough ? "yes" : "no"};
}

PrintSetting files(const Directives& conf) {
    const auto seconds = seconds_kept(conf.find("preservejobfiles").value_or("86400"));
    if (!seconds) return {"print_files", "unknown", "unknown"};
    const std::string value = *seconds == 0          ? "off"
                              : *seconds == kForever ? "kept"
                                                     : std::to_string(*seconds);
    return {"print_files", value, *seconds <= kFilesSecondsMost ? "yes" : "no"};
}

PrintSetting page_log(const Directives& conf, const Directives& files_conf) {
    const auto file = files_conf.find("pagelog");
    const auto format = conf.find("pagelogformat");
    if ((file && (file->empty() || *file == "/dev/null")) || (format && format->empty()))
        return {"print_log", "off", "yes"};
    const bool titles = !format || format->find("job-name") != std::string::npos;
    return {"print_log", titles ? "on_with_titles" : "on", titles ? "no" : "yes"};
}

bool hides_accounts(const std::map<std::string, std::string>& policy) {
    const auto say = [&](const std::string& name) {
        const auto at = policy.find(name);
        return at == policy.end() ? std::string("default") : lower(at->second);
    };
    const std::string values = say("jobprivatevalues"), access = say("jobprivateaccess");
    const bool private_name = values == "default" || values == "all" ||
                              values.find("job-originating-user-name") != std::string::npos;
    return private_name && access != "all";
}

PrintSetting accounts(const Directives& conf) {
    const bool hidden = conf.policies.empty() ||
                        std::any_of(conf.policies.begin(), conf.policies.end(), hides_accounts);
    return {"print_accounts", hidden ? "hidden" : "shown", hidden ? "unknown" : "yes"};
}

}  // namespace

std::vector<PrintSetting> read_print_settings(std::string_view cupsd_conf, std::string_view cups_files_conf) {
    const Directives conf = read(cupsd_conf), files_conf = read(cups_files_conf);
    return {history(conf), files(conf), page_log(conf, files_conf), accounts(conf)};
}

std::vector<PrintSetting> unknown_print_settings() {
    return {{"print_history", "unknown", "unknown"},
            {"print_files", "unknown", "unknown"},
            {"print_log", "unknown", "unknown"},
            {"print_accounts", "unknown", "unknown"}};
}

}  // namespace sallyport::agent
