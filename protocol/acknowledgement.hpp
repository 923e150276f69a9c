// SPDX-License-Identifier: Apache-2.0
//
// What the collector answers on `.../ack`: everything up to seq of this instance is committed, and the head there is
// this one. QoS 0, not retained, repeated at each birth: losing one costs a resend, never an event (system.md 9.1).
#pragma once

#include <string>
#include <string_view>

#include "protocol/crypto.hpp"

namespace sallyport {

struct Acknowledgement {
    std::string terminal;
    std::string instance;
    std::uint64_t seq = 0;  // 0: nothing of this instance is committed yet
    Digest head{};          // the chain's head at seq; the genesis at 0
};

[[nodiscard]] Result<std::string> encode_acknowledgement(const Acknowledgement& ack, const SigningKey& collector);
// Parses and checks the collector's signature.
[[nodiscard]] Result<Acknowledgement> decode_acknowledgement(std::string_view message, const PublicKey& collector);

}  // namespace sallyport
