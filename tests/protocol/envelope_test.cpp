// SPDX-License-Identifier: Apache-2.0
#include "protocol/envelope.hpp"

#include <gtest/gtest.h>

#include "protocol/json.hpp"
#include "tests/support/event_factory.hpp"

namespace sallyport {
namespace {

const std::string kInstance(32, 'a');

// A value that fits the field, made from the table itself.
Value sample_of(const FieldSpec& field) {
    switch (field.kind) {
        case FieldKind::token:
        case FieldKind::label: return std::string("x");
        case FieldKind::hex: return std::string(static_cast<std::size_t>(field.max), 'a');
        case FieldKind::base64: return "AAAA";
        case FieldKind::integer: return field.min;
        case FieldKind::number: return 0.5;
        case FieldKind::flag: return true;
        case FieldKind::choice: return std::string(field.choices.front());
        case FieldKind::time: return "2026-11-23T18:04:05.120Z";
        case FieldKind::tokens: return List{"x"};
        case FieldKind::counts: return Record{{"x", 1}};
        case FieldKind::records: {
            Record item;
            for (const FieldSpec& part : field.fields)
                item.set(part.name, sample_of(part));
            return List{item};
        }
    }
    return {};
}

Record full_body(const EventType& type) {
    Record body;
    for (const FieldSpec& field : type.fields)
        body.set(field.name, sample_of(field));
    return body;
}

std::string fault_of(std::string_view line) {
    auto decoded = decode_event(line);
    const auto* refusal = std::get_if<EventRefusal>(&decoded);
    if (refusal == nullptr)
        return "accepted";
    return refusal->fault ? refusal->fault->field + ": " + refusal->fault->reason : refusal->error.message();
}

TEST(Event, GivenEveryTypeOfTheCatalogueWhenEncodedThenItDecodesToTheSame) {
    for (const EventType& type : event_types()) {
        const Event event = testing::event(type.name, "T-1", kInstance, 7, full_body(type));
        auto line = encode_event(event);
        ASSERT_TRUE(line) << line.error().message();
        auto decoded = decode_event(*line);
        ASSERT_TRUE(std::holds_alternative<Event>(decoded)) << type.name << fault_of(*line);
        const Event& read = std::get<Event>(decoded);
        EXPECT_EQ(read.body, event.body) << type.name;
        EXPECT_EQ(read.occurred_at, event.occurred_at);
        EXPECT_EQ(read.seq, 7U);
        EXPECT_EQ(*encode_event(read), *line);
    }
}

TEST(Event, GivenEveryRequiredFieldLeftOutWhenEncodedThenItIsNamed) {
    for (const EventType& type : event_types()) {
        for (const FieldSpec& field : type.fields) {
            if (!field.required)
                continue;
            Record body;
            for (const auto& [name, value] : full_body(type))
                if (name != field.name)
                    body.append(name, value);
            auto line = encode_event(testing::event(type.name, "T-1", kInstance, 1, body));
            ASSERT_FALSE(line) << type.name << " " << field.name;
            EXPECT_EQ(line.error().message(), "event: field 'body." + std::string(field.name) + "': missing");
        }
    }
}

TEST(Event, GivenAnUnknownTimeWhenEncodedThenItStaysUnknown) {
    Event event = testing::usb_attach("T-1", kInstance, 1);
    event.occurred_at.reset();
    const std::string line = *encode_event(event);
    EXPECT_NE(line.find(R"("occurred_at":"unknown")"), std::string::npos);
    auto decoded = decode_event(line);
    EXPECT_FALSE(std::get<Event>(decoded).occurred_at.has_value());
    EXPECT_EQ(event_time(std::get<Event>(decoded)), event.observed_at);
}

TEST(Event, GivenValuesOutsideTheirBoundsWhenDecodedThenFieldAndReasonAreNamed) {
    const std::string line = *encode_event(testing::usb_attach("T-1", kInstance, 1));
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = line;
        changed.replace(changed.find(from), from.size(), to);
        return fault_of(changed);
    };
    EXPECT_EQ(with(R"("vid":"0951")", R"("vid":"095")"), "body.vid: wrong_length");
    EXPECT_EQ(with(R"("vid":"0951")", R"("vid":"095G")"), "body.vid: not_hex");
    EXPECT_EQ(with(R"("decision":"allowed")", R"("decision":"maybe")"), "body.decision: not_a_choice");
    EXPECT_EQ(with(R"("is_storage":true)", R"("is_storage":"yes")"), "body.is_storage: wrong_type");
    EXPECT_EQ(with(R"("seq":1)", R"("seq":0)"), "seq: out_of_range");
    EXPECT_EQ(with(R"("seq":1)", R"("seq":1.5)"), "seq: wrong_type");
    EXPECT_EQ(with(R"("type":"usb.attach")", R"("type":"usb.eject")"), "type: unknown_type");
    EXPECT_EQ(with(R"("schema":"event/1")", R"("schema":"event/9")"), "schema: unknown_version");
    EXPECT_EQ(with(R"("terminal_id":"T-1")", R"("terminal_id":"../T")"), "terminal_id: not_an_id");
    EXPECT_EQ(with(R"("clock":"synced")", R"("clock":"right")"), "clock: not_a_choice");
    EXPECT_EQ(with(R"("classes":["08:06:50"])", R"("classes":["a b"])"), "body.classes: not_a_token");
}

TEST(Event, GivenALineThatIsNoEventWhenDecodedThenNothingOfItsContentIsRepeated) {
    const std::string secret = "LIC/7ABC123 DOE, JOHN";
    for (const std::string& line : {"{\"" + secret + "\":1}", secret, "{\"schema\":\"" + secret + "\"}",
                                    std::string(kEventLineBytesMax + 1, 'x')}) {
        const std::string fault = fault_of(line);
        EXPECT_NE(fault, "accepted");
        EXPECT_EQ(fault.find("7ABC123"), std::string::npos) << fault;
    }
}

// Dictionary section 2: one row of forbidden data each. Sent under any name the schema does not know, it is refused by
// that name; there is no free-text field it could hide in.
struct Forbidden {
    const char* row;
    const char* type;
    const char* field;
    const char* value;
};

class ForbiddenData : public ::testing::TestWithParam<Forbidden> {};

TEST_P(ForbiddenData, GivenItIsPutIntoAnEventWhenEncodedThenItIsRefused) {
    const Forbidden& forbidden = GetParam();
    Record body = full_body(*find_event_type(forbidden.type));
    body.set(forbidden.field, forbidden.value);
    auto line = encode_event(testing::event(forbidden.type, "T-1", kInstance, 1, body));
    ASSERT_FALSE(line) << forbidden.row;
    EXPECT_NE(line.error().message().find(forbidden.field), std::string::npos);
    EXPECT_EQ(line.error().message().find(forbidden.value), std::string::npos) << "the content itself is repeated";
}

INSTANTIATE_TEST_SUITE_P(
    Dictionary, ForbiddenData,
    ::testing::Values(
        Forbidden{"query text", "clets.client", "query", "QW LIC/7ABC123"},
        Forbidden{"responses", "clets.client", "response", "NAM/DOE, JOHN"},
        Forbidden{"names of subjects", "session.unlock", "subject", "DOE, JOHN"},
        Forbidden{"record numbers", "print.job", "record_no", "FBI/123456AB7"},
        Forbidden{"print job titles", "print.job", "title", "Rap sheet of J. Doe"},
        Forbidden{"document and file names", "usb.write", "file_name", "doe-john.pdf"},
        Forbidden{"window titles", "clets.client", "window_title", "CLETS - Doe, John"},
        Forbidden{"urls", "clets.client", "url", "https://clets.example/q?lic=7ABC123"},
        Forbidden{"clipboard", "session.unlock", "clipboard", "7ABC123 Doe"},
        Forbidden{"keystrokes", "session.unlock", "keys", "q w 7 a b c"},
        Forbidden{"images", "camera.presence", "image", "/9j/4AAQSkZJRgABAQ=="},
        Forbidden{"video", "camera.state", "clip", "AAAAIGZ0eXBpc29t"},
        Forbidden{"screen captures", "screen.capture", "thumbnail", "iVBORw0KGgo="},
        Forbidden{"face templates", "camera.presence", "embedding", "0.12 0.98 0.33"},
        Forbidden{"identity guesses", "camera.presence", "identity", "officer smith"},
        Forbidden{"age, sex, ethnicity, emotion", "camera.presence", "emotion", "angry person"},
        Forbidden{"audio", "camera.presence", "audio_level", "-20 dB speech"},
        Forbidden{"passwords and PINs", "session.logon", "password", "hunter two"},
        Forbidden{"a personal device's owner", "usb.attach", "product", "Anna's iPhone"},
        Forbidden{"raw serials", "usb.attach", "serial", "SN 0042 raw"},
        // Free text smuggled into a known field: every text field is a choice, a hash or a token.
        Forbidden{"a title in a reason", "agent.sensor", "reason", "printed Rap sheet of J. Doe"},
        Forbidden{"a title in a printer", "print.job", "printer_id", "Rap sheet of J. Doe"}));

TEST(EventSchema, GivenTheTableWhenWrittenAsJsonSchemaThenEveryTypeIsClosed) {
    auto schema = read_json_record(event_json_schema(), JsonLimits{.bytes_max = 4 << 20, .depth_max = 32, .fields_max = 100000});
    ASSERT_TRUE(schema) << schema.error().message();
    const List& kinds = *schema->find("oneOf")->as<List>();
    EXPECT_EQ(kinds.size(), event_types().size());
    for (const Value& kind : kinds) {
        const Record& envelope = *kind.as<Record>();
        EXPECT_FALSE(flag_of(envelope, "additionalProperties", true));
        const Record& body = *envelope.find("properties")->as<Record>()->find("body")->as<Record>();
        EXPECT_FALSE(flag_of(body, "additionalProperties", true)) << text_of(envelope, "title");
    }
}

TEST(EventId, GivenTwoTimesWhenMadeThenTheLaterSortsAfter) {
    const std::string early = make_event_id(WallTime(std::chrono::milliseconds(1)));
    const std::string late = make_event_id(WallTime(std::chrono::milliseconds(1'795'456'800'000)));
    EXPECT_LT(early, late);
    EXPECT_EQ(late.size(), 36U);
    EXPECT_EQ(late[14], '7');
}

}  // namespace
}  // namespace sallyport
