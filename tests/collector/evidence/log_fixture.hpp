// SPDX-License-Identifier: Apache-2.0
//
// A real store with a terminal's signed batches in it, as intake leaves them, and a log key.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/evidence/evidence_log.hpp"
#include "collector/evidence/tree_tiles.hpp"
#include "collector/store/audit_log.hpp"
#include "collector/store/event_log.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/terminal_repository.hpp"
#include "protocol/batch.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

namespace sallyport::testing {

class LogFixture : public ::testing::Test {
protected:
    static constexpr auto kOri = "CA0300000";

    LogFixture() {
        EXPECT_TRUE(store::migrate(database_));
        EXPECT_TRUE(store::add_key(database_, {"T-1", kOri, enrolled_.public_key().base64(), std::string(64, 'a'),
                                               clock_.now() + std::chrono::hours(24), clock_.now(), {}, {}}));
    }

    [[nodiscard]] std::filesystem::path file() const { return folder_ / "store.db"; }

    // `count` lines of a terminal in one signed batch.
    void add_batch(std::size_t count, const std::string& terminal = "T-1", const std::string& ori = kOri) {
        auto transaction = *database_.begin();
        append_batch(database_, count, terminal, ori);
        EXPECT_TRUE(transaction.commit());
    }
    // The same, in the caller's transaction.
    void append_batch(Database& database, std::size_t count, const std::string& terminal, const std::string& ori = kOri) {
        Stream& stream = stream_of(database, terminal, ori);
        std::vector<std::string> lines;
        std::vector<store::NewEvent> events;
        for (std::size_t i = 0; i < count; ++i) {
            lines.push_back(R"({"type":"usb.attach","terminal":")" + terminal + R"(","n":)" + std::to_string(++lines_) +
                            R"(,"nonce":")" + random_id() + "\"}");
            events.push_back({"usb.attach", clock_.now(), leaf_of(lines.back()), lines.back(), {}});
        }
        BatchHeader header;
        header.terminal = terminal;
        header.instance = stream.instance;
        header.first_seq = stream.position.last_seq + 1;
        header.previous = stream.position.head;
        const std::string message = *encode_batch(header, lines, batch_key_, stream.certificate);
        auto appender = *store::EventAppender::open(database);
        EXPECT_TRUE(appender.append(stream.position, message.substr(0, message.find('\n')), events, clock_.now()));
    }
    void grow(std::size_t limit = 1'000'000) {
        auto transaction = *database_.begin();
        const auto grown = evidence::grow_trees(database_, limit);
        EXPECT_TRUE(grown) << grown.error().message();
        EXPECT_TRUE(transaction.commit());
    }
    // Everything that is there, signed.
    store::SignedHead sign(evidence::HeadReason reason = evidence::HeadReason::exported, const std::string& ori = kOri) {
        const std::vector<PublicKey> known{log_key_.public_key()};
        auto head = evidence::sign_everything(database_, ori, log_key_, known, clock_.now(), reason);
        EXPECT_TRUE(head) << head.error().message();
        return head ? *head : store::SignedHead();
    }
    store::EvidenceTree tree(const std::string& ori = kOri) { return **store::find_evidence_tree(database_, ori); }
    std::vector<store::StoredEvent> events() { return *store::read_events_after(database_, 0, 1'000'000); }
    // Somebody did something: an entry of the audit log.
    void act(const std::string& action) {
        store::AuditEntry entry;
        entry.actor = "ann";
        entry.actor_role = "spoc";
        entry.action = action;
        entry.object_type = "incident";
        entry.object_id = "i1";
        EXPECT_TRUE(store::append_audit(database_, entry, clock_.now()));
    }
    void sql(const std::string& text) {
        const auto done = database_.execute(text);
        ASSERT_TRUE(done) << text << ": " << done.error().message();
    }
    std::int64_t number(const std::string& query) {
        auto statement = *database_.prepare(query);
        EXPECT_TRUE(*statement.step());
        return statement.integer(0);
    }

    TemporaryFolder folder_;
    ManualClock clock_;
    Database database_ = *Database::open(file());
    SigningKey enrolled_ = *SigningKey::generate();
    SigningKey batch_key_ = *SigningKey::generate();
    SigningKey log_key_ = *SigningKey::generate();

private:
    struct Stream {
        std::string instance = random_id();
        store::StreamPosition position;
        BatchKeyCertificate certificate;
    };
    Stream& stream_of(Database& database, const std::string& terminal, const std::string& ori) {
        const auto found = streams_.find(terminal);
        if (found != streams_.end())
            return found->second;
        Stream& stream = streams_[terminal];
        stream.certificate = *BatchKeyCertificate::issue(enrolled_, terminal, stream.instance, batch_key_.public_key());
        stream.position = *store::create_stream(database, ori, terminal, stream.instance,
                                                chain_genesis(terminal, stream.instance, enrolled_.public_key()), clock_.now());
        return stream;
    }

    std::map<std::string, Stream> streams_;
    std::size_t lines_ = 0;
};

}  // namespace sallyport::testing
