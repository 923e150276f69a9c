// SPDX-License-Identifier: Apache-2.0
#include "protocol/topics.hpp"

#include <algorithm>
#include <array>

#include "protocol/envelope.hpp"

namespace sallyport {
namespace {

constexpr std::string_view kPrefix = "sallyport/1/";
constexpr std::array<std::string_view, 4> kChannels = {"events", "ack", "status", "config"};

}  // namespace

std::string_view to_string(Channel channel) { return kChannels[static_cast<std::size_t>(channel)]; }

std::string to_string(const Topic& topic) {
    return std::string(kPrefix) + topic.ori + "/" + topic.terminal + "/" + std::string(to_string(topic.channel));
}

std::optional<Topic> parse_topic(std::string_view text) {
    if (!text.starts_with(kPrefix))
        return std::nullopt;
    text.remove_prefix(kPrefix.size());
    const auto first = text.find('/');
    const auto second = first == std::string_view::npos ? first : text.find('/', first + 1);
    if (second == std::string_view::npos)
        return std::nullopt;
    Topic topic{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)), {}};
    const auto channel = std::find(kChannels.begin(), kChannels.end(), text.substr(second + 1));
    if (!is_ori(topic.ori) || !is_terminal_id(topic.terminal) || channel == kChannels.end())
        return std::nullopt;
    topic.channel = static_cast<Channel>(channel - kChannels.begin());
    return topic;
}

std::string topic_filter(Channel channel) { return std::string(kPrefix) + "+/+/" + std::string(to_string(channel)); }

bool is_ori(std::string_view text) {
    return text.size() == 9 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

}  // namespace sallyport
