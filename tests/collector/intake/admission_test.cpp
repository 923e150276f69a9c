// SPDX-License-Identifier: Apache-2.0
//
// Every kind of bad message at the collector's door, against a real store: a reason for each, and nothing lost.
#include "collector/intake/admission.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collector/store/fork_repository.hpp"
#include "collector/store/writer.hpp"
#include "protocol/json.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/test_terminal.hpp"

namespace sallyport::intake {
namespace {

class AdmissionTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(folder_);
        auto opened = Database::open(folder_ / "store.db");
        ASSERT_TRUE(opened);
        database_.emplace(std::move(opened).value());
        auto writer = store::Writer::open(folder_ / "store.db");  // migrates
        ASSERT_TRUE(writer);
        appender_.emplace(*store::EventAppender::open(*database_));
        enrol(terminal_);
    }
    void TearDown() override {
        appender_.reset();
        database_.reset();
        std::filesystem::remove_all(folder_);
    }

    void enrol(const testing::TestTerminal& terminal) {
        ASSERT_TRUE(store::add_key(*database_, terminal.key(clock_.now())));
    }

    std::variant<CheckedBatch, Refusal> check(const std::string& message, std::string topic = {}) {
        if (topic.empty())
            topic = terminal_.topic();
        const auto parsed = parse_topic(topic);
        return check_.check(topic, message, *store::keys_of(*database_, parsed ? parsed->terminal : ""));
    }

    // The reason it is refused for before the store is asked; empty when it passes.
    std::string refusal(const std::string& message, const std::string& topic = {}) {
        auto checked = check(message, topic);
        const auto* refused = std::get_if<Refusal>(&checked);
        return refused != nullptr ? refused->reason : "";
    }

    Admitted take(const std::string& message) {
        auto checked = check(message);
        if (auto* refused = std::get_if<Refusal>(&checked)) {
            ADD_FAILURE() << refused->reason << ": " << refused->why;
            return {};
        }
        auto admitted = admit(*database_, *appender_, std::get<CheckedBatch>(checked), clock_.now());
        EXPECT_TRUE(admitted) << admitted.error().message();
        return admitted ? *admitted : Admitted{};
    }

    std::size_t stored() { return store::read_events_after(*database_, 0, 10000)->size(); }

    static std::string types(const Admitted& admitted) {
        std::string text;
        for (const Notice& notice : admitted.notices)
            text += notice.type + " ";
        return text;
    }

    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("intake." + random_id());
    testing::ManualClock clock_;
    testing::TestTerminal terminal_;
    std::optional<Database> database_;
    std::optional<store::EventAppender> appender_;
    BatchCheck check_;
};

TEST_F(AdmissionTest, GivenBatchesInOrderWhenTakenThenEachIsStoredAndAcknowledged) {
    const Admitted first = take(terminal_.batch(3));
    EXPECT_EQ(first.stored, 3U);
    EXPECT_EQ(types(first), "server.instance ");
    EXPECT_EQ(text_of(first.notices[0].body, "continuity"), "yes");
    const Admitted second = take(terminal_.batch(2));
    EXPECT_EQ(second.ack->seq, 5U);
    EXPECT_EQ(second.ack->head, terminal_.head);
    EXPECT_EQ(types(second), "");
    EXPECT_EQ(stored(), 5U);
}

TEST_F(AdmissionTest, GivenAReplayedBatchWhenTakenThenNothingIsStoredAndTheAnswerIsRepeated) {
    const std::string message = terminal_.batch(3);
    take(message);
    const Admitted again = take(message);
    EXPECT_EQ(again.stored, 0U);
    EXPECT_EQ(again.ack->seq, 3U);
    EXPECT_TRUE(again.notices.empty());
    EXPECT_EQ(stored(), 3U);
}

TEST_F(AdmissionTest, GivenAnOverlappingBatchWhenTakenThenOnlyTheNewLinesAreStored) {
    const Digest genesis = terminal_.head;
    std::vector<std::string> lines;
    for (int i = 0; i < 4; ++i) {
        lines.push_back(terminal_.next_line());
        ++terminal_.next_seq;
    }
    take(terminal_.batch_at(1, genesis, {lines[0], lines[1]}));
    const Admitted overlapping = take(terminal_.batch_at(1, genesis, lines));
    EXPECT_EQ(overlapping.stored, 2U);
    EXPECT_EQ(overlapping.ack->seq, 4U);
    EXPECT_EQ(stored(), 4U);
}

TEST_F(AdmissionTest, GivenABatchFromTheFutureWhenTakenThenItIsNeitherStoredNorAlerted) {
    const std::string first = terminal_.batch(2);
    const std::string lost = terminal_.batch(2);
    const std::string third = terminal_.batch(2);
    take(first);
    const Admitted ahead = take(third);
    EXPECT_EQ(ahead.stored, 0U);
    EXPECT_EQ(ahead.ack->seq, 2U);
    EXPECT_TRUE(ahead.notices.empty());
    take(lost);
    EXPECT_EQ(take(third).ack->seq, 6U);
}

TEST_F(AdmissionTest, GivenAnotherHistoryUnderTheSameNumbersWhenTakenThenItIsAFork) {
    const Digest genesis = terminal_.head;
    take(terminal_.batch(3));
    testing::TestTerminal clone = terminal_;
    clone.next_seq = 1;
    const Admitted forked = take(clone.batch_at(1, genesis, {clone.line(clone.start())}));
    EXPECT_TRUE(forked.refused);
    EXPECT_FALSE(forked.ack);
    ASSERT_EQ(types(forked), "server.fork ");
    EXPECT_EQ(integer_of(forked.notices[0].body, "seq"), 1);
    EXPECT_EQ(stored(), 3U);
    // Both sides stay to be looked at, each under the signature that vouches for it.
    const auto forks = store::forks_of(*database_, terminal_.name);
    ASSERT_TRUE(forks);
    ASSERT_EQ(forks->size(), 1U);
    const store::Fork& fork = forks->front();
    EXPECT_EQ(to_hex(fork.other.leaf), text_of(forked.notices[0].body, "other_leaf"));
    EXPECT_EQ(to_hex(fork.kept.leaf), text_of(forked.notices[0].body, "leaf"));
    for (const store::ForkSide& side : {fork.kept, fork.other}) {
        ASSERT_TRUE(side.line);
        EXPECT_EQ(leaf_of(*side.line), side.leaf);
        EXPECT_NE(side.header.find("\"sig\""), std::string::npos);
    }
    take(clone.batch_at(1, genesis, {clone.line(clone.start())}));  // its nonce differs: another line, kept as well
    EXPECT_EQ(store::forks_of(*database_, terminal_.name)->size(), 2U);
}

TEST_F(AdmissionTest, GivenABatchOnAnotherHeadWhenTakenThenTheChainIsCalledBroken) {
    take(terminal_.batch(2));
    const Admitted broken = take(terminal_.batch_at(3, leaf_of("elsewhere"), {terminal_.next_line()}));
    EXPECT_TRUE(broken.refused);
    EXPECT_EQ(text_of(broken.notices.at(0).body, "reason"), "chain_break");
    EXPECT_EQ(stored(), 2U);
}

TEST_F(AdmissionTest, GivenAnInstanceWeKnowNothingOfWhenItStartsInTheMiddleThenItIsAskedForItsBeginning) {
    const Digest genesis = terminal_.head;
    terminal_.batch(5);
    const Admitted admitted = take(terminal_.batch(2));
    EXPECT_EQ(admitted.stored, 0U);
    EXPECT_EQ(admitted.ack->seq, 0U);
    EXPECT_EQ(admitted.ack->head, genesis);
}

TEST_F(AdmissionTest, GivenANewInstanceWhenItNamesTheOldOnesEndThenTheyAreContinuous) {
    take(terminal_.batch(3));
    const Record previous{{"previous_instance", terminal_.instance},
                          {"previous_seq", 3},
                          {"previous_head", to_hex(terminal_.head)}};
    terminal_.renew();
    const Admitted admitted = take(terminal_.batch({terminal_.line(terminal_.start(previous))}));
    EXPECT_EQ(text_of(admitted.notices.at(0).body, "continuity"), "yes");
}

TEST_F(AdmissionTest, GivenANewInstanceWhenItDoesNotFollowThenThatIsSaid) {
    take(terminal_.batch(3));
    terminal_.renew();
    EXPECT_EQ(text_of(take(terminal_.batch(1)).notices.at(0).body, "continuity"), "no");
    terminal_.renew();
    const Admitted unknown = take(terminal_.batch({terminal_.line(terminal_.start({{"previous_instance", "unknown"}}))}));
    EXPECT_EQ(text_of(unknown.notices.at(0).body, "continuity"), "unknown");
}

TEST_F(AdmissionTest, GivenATombstoneWhenTakenThenItsPlaceIsKept) {
    std::vector<std::string> lines{terminal_.next_line()};
    ++terminal_.next_seq;
    const std::string evicted = terminal_.next_line();
    lines.push_back(encode_tombstone({2, "usb.attach", leaf_of(evicted), "evicted"}));
    terminal_.next_seq = 1;
    EXPECT_EQ(take(terminal_.batch(lines)).stored, 2U);
    const auto events = *store::read_events_after(*database_, 0, 10);
    EXPECT_EQ(events[1].line, std::nullopt);
    EXPECT_EQ(events[1].withheld_reason, "evicted");
    EXPECT_EQ(events[1].leaf, leaf_of(evicted));
}

// system.md 9.2: rightly signed and chained, but no event: kept as a tombstone, acknowledged, told; never in the way.
TEST_F(AdmissionTest, GivenALineThatBreaksTheSchemaWhenTakenThenItCannotBlockTheTerminal) {
    std::vector<std::string> lines{terminal_.next_line(), R"({"schema":"event/1","query_text":"LIC/7ABC123"})"};
    terminal_.next_seq = 3;
    lines.push_back(terminal_.next_line());
    terminal_.next_seq = 1;
    const Admitted admitted = take(terminal_.batch(lines));
    EXPECT_EQ(admitted.stored, 3U);
    EXPECT_EQ(admitted.ack->seq, 3U);
    EXPECT_EQ(types(admitted), "server.instance server.tombstone ");
    EXPECT_EQ(text_of(admitted.notices[1].body, "field"), "query_text");
    EXPECT_EQ(text_of(admitted.notices[1].body, "reason"), "unknown_field");
    EXPECT_EQ(integer_of(admitted.notices[1].body, "seq"), 2);
    EXPECT_EQ(stored(), 3U);
}

TEST_F(AdmissionTest, GivenLinesOutOfTheirPlaceWhenTakenThenTheyAreRejectedOneByOne) {
    Event other = testing::usb_attach("T-2", terminal_.instance, 2);
    Event wrong_instance = testing::usb_attach("T-1", std::string(32, '9'), 3);
    Event wrong_seq = testing::usb_attach("T-1", terminal_.instance, 77);
    Event not_yours = testing::event("server.liveness", "T-1", terminal_.instance, 5,
                                     Record{{"terminal", "T-1"}, {"state", "alive"}, {"last_seen_at", "unknown"}});
    const Admitted admitted = take(terminal_.batch({terminal_.next_line(), *encode_event(other), *encode_event(wrong_instance),
                                                    *encode_event(wrong_seq), *encode_event(not_yours)}));
    std::string reasons;
    for (const Notice& notice : admitted.notices)
        if (notice.type == "server.tombstone")
            reasons += std::string(text_of(notice.body, "field")) + "=" + std::string(text_of(notice.body, "reason")) + " ";
    EXPECT_EQ(reasons, "terminal_id=not_the_header agent_instance=not_the_header seq=not_its_place type=not_for_terminals ");
    EXPECT_EQ(admitted.ack->seq, 5U);
}

TEST_F(AdmissionTest, GivenMessagesNobodyAuthenticSentWhenCheckedThenEachHasItsReason) {
    const std::string good = testing::TestTerminal(terminal_).batch(1);
    testing::TestTerminal stranger("T-9");
    testing::TestTerminal thief("T-1");  // its own key under our name
    EXPECT_EQ(refusal(good, "sallyport/1/CA0300000/T-1/status"), "bad_topic");
    EXPECT_EQ(refusal(good, "elsewhere"), "bad_topic");
    EXPECT_EQ(refusal(good, stranger.topic()), "terminal_mismatch");
    EXPECT_EQ(refusal(stranger.batch(1), stranger.topic()), "unknown_terminal");
    EXPECT_EQ(refusal(thief.batch(1)), "unknown_key");
    EXPECT_EQ(refusal(good, "sallyport/1/CA0399999/T-1/events"), "unknown_key");
    EXPECT_EQ(refusal("no batch"), "malformed");
    EXPECT_EQ(refusal(std::string(kBatchBytesMax + 1, 'x')), "too_large");
    EXPECT_EQ(refusal("{" + std::string(1000, '[') + "\n"), "malformed");
    std::string altered = good;
    altered[altered.size() - 10] ^= 1;
    EXPECT_EQ(refusal(altered), "chain_break");
    std::string forged = good;
    const auto sig = forged.find("\"sig\":\"") + 20;
    forged[sig] = forged[sig] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(forged), "bad_signature");
    EXPECT_EQ(refusal(good), "");
}

TEST_F(AdmissionTest, GivenARevokedKeyWhenABatchComesThenItIsRefusedBeforeAndInsideTheTransaction) {
    auto checked = check(terminal_.batch(1));
    ASSERT_TRUE(std::holds_alternative<CheckedBatch>(checked));
    ASSERT_TRUE(store::revoke_keys(*database_, "T-1", "stolen", clock_.now()));
    // Checked before, committed after: the transaction has the last word.
    auto admitted = admit(*database_, *appender_, std::get<CheckedBatch>(checked), clock_.now());
    ASSERT_TRUE(admitted);
    EXPECT_TRUE(admitted->refused);
    EXPECT_EQ(text_of(admitted->notices.at(0).body, "reason"), "revoked");
    EXPECT_EQ(refusal(terminal_.batch(1)), "revoked");
    EXPECT_EQ(stored(), 0U);
}

// Dictionary section 2, at the server's door: whatever the field is called, its content is not in the store's files.
class ForbiddenAtTheDoor : public AdmissionTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(ForbiddenAtTheDoor, GivenItIsSentInARightlySignedLineWhenTakenThenItsContentIsNowhereInTheStore) {
    const std::string secret = "SECRET-" + random_id();
    std::string line = terminal_.line(testing::usb_attach("T-1", terminal_.instance, 2));
    line.replace(line.find("\"body\":{"), 8, "\"body\":{\"" + std::string(GetParam()) + "\":\"" + secret + "\",");
    const std::string first = terminal_.next_line();
    const Admitted admitted = take(terminal_.batch({first, line}));
    EXPECT_EQ(admitted.ack->seq, 2U);
    ASSERT_EQ(admitted.notices.size(), 2U);
    EXPECT_EQ(text_of(admitted.notices[1].body, "field"), "body." + std::string(GetParam()));
    OwnLog own("CA0300000", *SigningKey::generate(), clock_);
    ASSERT_TRUE(own.append(*database_, admitted.notices));
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(in), {}};
        EXPECT_EQ(bytes.find(secret), std::string::npos) << entry.path();
    }
}

INSTANTIATE_TEST_SUITE_P(Dictionary, ForbiddenAtTheDoor,
                         ::testing::Values("query_text", "response", "subject_name", "record_number", "title", "file_name",
                                           "window_title", "url", "clipboard", "keystrokes", "image", "video", "thumbnail",
                                           "screen_capture", "face_template", "embedding", "identity", "age", "sex",
                                           "ethnicity", "emotion", "audio", "sound_level", "speech", "password", "pin",
                                           "token_secret", "password_hint", "owner_name"));

TEST_F(AdmissionTest, GivenTheOwnLogWhenReopenedThenItsNumberingAndChainGoOn) {
    const SigningKey key = *SigningKey::generate();
    const Notice notice{"store.failure", Record{{"what", "commit"}, {"reason", "test"}}, std::nullopt};
    ASSERT_TRUE(OwnLog("CA0300000", key, clock_).append(*database_, {notice, notice}));
    ASSERT_TRUE(OwnLog("CA0300000", key, clock_).append(*database_, {notice}));
    const auto events = *store::read_events_after(*database_, 0, 10);
    ASSERT_EQ(events.size(), 3U);
    EXPECT_EQ(events[2].seq, 3U);
    EXPECT_EQ(events[2].instance, events[0].instance);
    Digest head = chain_genesis("collector", events[0].instance, key.public_key());
    for (const auto& event : events)
        head = chain_link(head, leaf_of(*event.line));
    EXPECT_EQ((*store::find_stream(*database_, "collector", events[0].instance))->head, head);
}

}  // namespace
}  // namespace sallyport::intake
