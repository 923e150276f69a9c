// SPDX-License-Identifier: Apache-2.0
//
// ECDSA signatures are DER on our wire. TPMs and smart cards give r and s of 32 bytes each instead (IEEE P1363). Any thread.
#pragma once

#include "protocol/bytes.hpp"

namespace sallyport {

// Refused unless it has 64 bytes. Whether r and s are in range is for PublicKey::verify to say.
[[nodiscard]] Result<Bytes> der_from_p1363(ByteView signature);

}  // namespace sallyport
