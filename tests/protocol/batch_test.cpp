// SPDX-License-Identifier: Apache-2.0
#include "protocol/batch.hpp"

#include <gtest/gtest.h>

#include "protocol/acknowledgement.hpp"
#include "protocol/envelope.hpp"
#include "protocol/status.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport {
namespace {

class BatchTest : public ::testing::Test {
protected:
    SigningKey enrolled = *SigningKey::generate();
    SigningKey batch_key = *SigningKey::generate();
    std::string instance = std::string(32, 'a');
    BatchKeyCertificate certificate =
        *BatchKeyCertificate::issue(enrolled, "T-1", instance, batch_key.public_key());

    BatchHeader start() const {
        BatchHeader header;
        header.terminal = "T-1";
        header.instance = instance;
        header.first_seq = 1;
        header.previous = chain_genesis("T-1", instance, enrolled.public_key());
        return header;
    }

    std::vector<std::string> lines(int count) const {
        std::vector<std::string> all;
        for (int i = 1; i <= count; ++i)
            all.push_back(*encode_event(testing::usb_attach("T-1", instance, static_cast<std::uint64_t>(i))));
        return all;
    }

    std::string message(const std::vector<std::string>& all) const {
        return *encode_batch(start(), all, batch_key, certificate);
    }

    Result<std::vector<Digest>> verify(std::string_view text) const {
        auto batch = decode_batch(text);
        if (!batch)
            return batch.error();
        auto key = batch->header.signer.check(enrolled.public_key(), batch->header.terminal, batch->header.instance);
        if (!key)
            return key.error();
        if (auto good = verify_signature(batch->header, *key); !good)
            return good.error();
        return verify_chain(*batch);
    }
};

TEST_F(BatchTest, GivenSignedLinesWhenDecodedThenTheyVerify) {
    auto leaves = verify(message(lines(20)));
    ASSERT_TRUE(leaves) << leaves.error().message();
    EXPECT_EQ(leaves->size(), 20U);
}

TEST_F(BatchTest, GivenAnyByteFlippedWhenVerifiedThenItIsRefused) {
    const std::string good = message(lines(2));
    int accepted = 0;
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        accepted += verify(bad).ok() ? 1 : 0;
    }
    EXPECT_EQ(accepted, 0);
}

TEST_F(BatchTest, GivenAMissingLineWhenDecodedThenTheCountIsNamed) {
    std::string text = message(lines(3));
    text.resize(text.rfind('\n'));
    auto batch = decode_batch(text);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().message(), "batch: header says 3 lines, there are 2");
}

TEST_F(BatchTest, GivenATombstoneInPlaceOfALineWhenVerifiedThenTheChainStillHolds) {
    auto all = lines(3);
    const std::string before = message(all);
    all[1] = encode_tombstone({2, "usb.attach", leaf_of(all[1]), "evicted"});
    const std::string after = message(all);
    ASSERT_TRUE(verify(after));
    EXPECT_EQ(decode_batch(before)->header.head, decode_batch(after)->header.head);
}

TEST_F(BatchTest, GivenABatchKeyCertifiedByAnotherTerminalWhenCheckedThenItIsRefused) {
    auto stranger = *SigningKey::generate();
    auto other = *BatchKeyCertificate::issue(stranger, "T-1", instance, batch_key.public_key());
    auto key = other.check(enrolled.public_key(), "T-1", instance);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code(), Errc::refused);
}

TEST_F(BatchTest, GivenACertificateOfAnotherInstanceWhenCheckedThenItIsRefused) {
    EXPECT_FALSE(certificate.check(enrolled.public_key(), "T-1", std::string(32, 'b')));
}

TEST_F(BatchTest, GivenAnOversizedMessageWhenDecodedThenItsSizeIsNamed) {
    auto batch = decode_batch(std::string(kBatchBytesMax + 1, 'x'));
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().code(), Errc::exhausted);
}

TEST_F(BatchTest, GivenAnUnknownHeaderFieldWhenDecodedThenItIsNamed) {
    std::string text = message(lines(1));
    text.insert(1, "\"extra\":1,");
    auto batch = decode_batch(text);
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().message(), "batch: header: field 'extra': unknown_field");
}

TEST_F(BatchTest, GivenAnAcknowledgementWhenSignedByAnotherKeyThenItIsRefused) {
    const Acknowledgement ack{"T-1", instance, 7, leaf_of("x")};
    const std::string text = *encode_acknowledgement(ack, enrolled);
    auto good = decode_acknowledgement(text, enrolled.public_key());
    ASSERT_TRUE(good);
    EXPECT_EQ(good->seq, 7U);
    EXPECT_EQ(good->head, ack.head);
    EXPECT_EQ(decode_acknowledgement(text, batch_key.public_key()).error().code(), Errc::refused);
}

TEST_F(BatchTest, GivenATerminalWithManySensorsWhenItTellsOfThemThenAllAreUnderstood) {
    StatusMessage status;
    status.kind = StatusKind::birth;
    status.terminal = "T-1";
    status.instance = instance;
    status.boot_id = std::string(32, 'c');
    status.agent_version = "0.1.0";
    for (int number = 0; number < 40; ++number) {
        const std::string name = "sensor_" + std::to_string(number);
        status.sensors[name] = SensorState::absent;
        status.reasons[name] = "desktop_does_not_tell";
    }
    const auto text = encode_status(status, batch_key, certificate);
    ASSERT_TRUE(text) << text.error().message();
    const auto read = decode_status(*text, enrolled.public_key());
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->sensors, status.sensors);
}

TEST_F(BatchTest, GivenAStatusMessageWhenTamperedThenItIsRefused) {
    StatusMessage status;
    status.kind = StatusKind::birth;
    status.terminal = "T-1";
    status.instance = instance;
    status.boot_id = std::string(32, 'c');
    status.seq = 3;
    status.agent_version = "0.1.0";
    status.sensors = {{"usb", SensorState::ok}, {"camera", SensorState::off}};
    status.reasons = {{"camera", "not_enabled"}};
    const std::string text = *encode_status(status, batch_key, certificate);
    auto good = decode_status(text, enrolled.public_key());
    ASSERT_TRUE(good) << good.error().message();
    EXPECT_EQ(good->sensors, status.sensors);
    EXPECT_EQ(good->reasons, status.reasons);
    EXPECT_EQ(*claimed_terminal(text), "T-1");
    std::string forged = text;
    forged.replace(forged.find("\"seq\":3"), 7, "\"seq\":4");
    EXPECT_EQ(decode_status(forged, enrolled.public_key()).error().code(), Errc::refused);
}

}  // namespace
}  // namespace sallyport
