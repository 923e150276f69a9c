// SPDX-License-Identifier: Apache-2.0
//
// The MQTT topics: `sallyport/1/{ori}/{terminal}/{channel}`. Contract: docs/formats/uplink.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

enum class Channel { events, ack, status, config };

struct Topic {
    std::string ori;       // nine letters and digits (NCIC agency identifier)
    std::string terminal;
    Channel channel = Channel::events;

    bool operator==(const Topic&) const = default;
};

[[nodiscard]] std::string to_string(const Topic& topic);
[[nodiscard]] std::string_view to_string(Channel channel);
// Nothing when the topic is not exactly of the form above.
[[nodiscard]] std::optional<Topic> parse_topic(std::string_view text);
// All terminals of all agencies this collector serves, e.g. `sallyport/1/+/+/events`.
[[nodiscard]] std::string topic_filter(Channel channel);
[[nodiscard]] bool is_ori(std::string_view text);

}  // namespace sallyport
