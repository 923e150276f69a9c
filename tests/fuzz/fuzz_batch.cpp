// SPDX-License-Identifier: Apache-2.0
//
// The collector's door: a message as it comes from the broker, and the other signed messages.
#include "protocol/acknowledgement.hpp"
#include "protocol/batch.hpp"
#include "protocol/camera_permit.hpp"
#include "protocol/status.hpp"
#include "protocol/topics.hpp"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const PublicKey key = SigningKey::generate()->public_key();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto batch = decode_batch(text)) {
        (void)verify_signature(batch->header, key);
        (void)verify_chain(*batch);
        (void)batch->header.signer.check(key, batch->header.terminal, batch->header.instance);
    }
    (void)decode_status(text, key);
    (void)decode_acknowledgement(text, key);
    (void)decode_camera_permit(text, key);
    if (auto topic = parse_topic(text); topic && to_string(*topic) != text)
        __builtin_trap();
    return 0;
}
