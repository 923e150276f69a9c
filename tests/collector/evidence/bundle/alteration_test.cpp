// SPDX-License-Identifier: Apache-2.0
//
// Whatever is done to a bundle is found, and named: every byte of it altered, every length of it, and things done by
// somebody who has the collector's key and can sign a manifest anew.
#include <functional>
#include <set>
#include <thread>

#include "collector/evidence/bundle/entries.hpp"
#include "collector/evidence/bundle/tar.hpp"
#include "protocol/json.hpp"
#include "tests/collector/evidence/bundle/evidence_case.hpp"

namespace sallyport::evidence {
namespace {

using ::testing::HasSubstr;

// Within the evidence line that names nobody, and is there as it was received.
constexpr const char* kStickLine = R"(\"is_storage\":true)";

class AlterationTest : public sallyport::testing::EvidenceCase {
protected:
    AlterationTest() {
        tell_the_story();
        auto bundle = make(BundleForm::redacted);
        EXPECT_TRUE(bundle) << bundle.error().message();
        bundle_ = std::move(*bundle);
        EXPECT_TRUE(check(bundle_.file).holds()) << faults_of(check(bundle_.file));
    }

    // Which member a byte of the file belongs to: header, content or padding.
    std::vector<std::string> owners() const {
        std::vector<std::string> names(bundle_.file.size(), "end of file");
        std::vector<BundleFault> faults;
        std::size_t at = 0;
        const auto own = [&](const std::string& name, std::size_t size) {
            const std::size_t end = at + kTarBlock + padded_size(size);
            std::fill(names.begin() + static_cast<std::ptrdiff_t>(at), names.begin() + static_cast<std::ptrdiff_t>(end), name);
            at = end;
        };
        const std::string manifest = encode_manifest(bundle_.manifest);
        own("MANIFEST", manifest.size());
        own("MANIFEST", sign_manifest(manifest, key_)->size());
        for (const MemberDigest& member : bundle_.manifest.members)
            own(member.name, member.size);
        return names;
    }

    // A bundle with other contents, sealed by the right key: what only proofs can find.
    using Change = std::function<void(std::map<std::string, std::string>& contents, Manifest& manifest)>;
    BundleReport reseal(const Change& change) const {
        std::vector<BundleFault> faults;
        const auto opened = open_bundle(bundle_.file, keys_, faults);
        std::map<std::string, std::string> contents;
        for (const auto& [name, content] : opened->members)
            contents.emplace(name, content);
        Manifest manifest = opened->manifest;
        change(contents, manifest);
        manifest.members.clear();
        std::vector<Member> members;
        for (const auto& [name, content] : contents) {
            manifest.members.push_back({name, content.size(), sha256(bytes_of(content))});
            members.push_back({name, content});
        }
        const std::string text = encode_manifest(manifest);
        members.insert(members.begin(), {std::string(kSignatureName), *sign_manifest(text, key_)});
        members.insert(members.begin(), {std::string(kManifestName), text});
        return check(*write_tar(members));
    }
    // The same with one text in place of another, which must be there.
    BundleReport reseal(const std::string& member, const std::string& from, const std::string& to) const {
        return reseal([&](auto& contents, Manifest&) {
            std::string& content = contents.at(member);
            const auto at = content.find(from);
            ASSERT_NE(at, std::string::npos) << from;
            content.replace(at, from.size(), to);
        });
    }
    // Of the first line of a member that has this text.
    std::string line_with(const std::string& member, const std::string& text) const {
        std::vector<BundleFault> faults;
        std::istringstream lines{std::string(open_bundle(bundle_.file, keys_, faults)->content(member))};
        for (std::string line; std::getline(lines, line);)
            if (line.find(text) != std::string::npos) return line;
        ADD_FAILURE() << member << " has no " << text;
        return {};
    }

    Bundle bundle_;
};

// Two threads: it is some seventy thousand verifications.
TEST_F(AlterationTest, GivenASmallBundleWhenAnyByteIsAlteredThenItIsFoundAndItsMemberNamed) {
    const std::vector<std::string> owner = owners();
    const auto alter_all = [&](std::size_t first, std::size_t step, std::string& missed) {
        std::string file = bundle_.file;
        for (std::size_t at = first; at < file.size(); at += step)
            for (const int bit : {0x01, 0x80}) {
                file[at] = static_cast<char>(file[at] ^ bit);
                const auto report = check(file);
                const bool named = !report.faults.empty() && report.faults.front().member.starts_with(owner[at]);
                if (report.holds() || !named)
                    missed += "byte " + std::to_string(at) + " of " + owner[at] + ": " + faults_of(report) + "\n";
                file[at] = static_cast<char>(file[at] ^ bit);
            }
    };
    std::string missed_by_one, missed_by_other;
    std::thread other([&] { alter_all(1, 2, missed_by_other); });
    alter_all(0, 2, missed_by_one);
    other.join();
    EXPECT_EQ(missed_by_one, "");
    EXPECT_EQ(missed_by_other, "");
}

TEST_F(AlterationTest, GivenASmallBundleWhenCutAnywhereThenItIsFound) {
    for (std::size_t size = 0; size < bundle_.file.size(); ++size) {
        const auto report = check(std::string_view(bundle_.file).substr(0, size));
        ASSERT_FALSE(report.holds()) << size;
        ASSERT_FALSE(report.faults.empty()) << size;
    }
}

TEST_F(AlterationTest, GivenASmallBundleWhenAnythingIsAppendedThenItIsFound) {
    for (int byte = 0; byte < 256; ++byte)
        EXPECT_THAT(faults_of(check(bundle_.file + static_cast<char>(byte))), HasSubstr("end of file")) << byte;
    EXPECT_FALSE(check(bundle_.file + std::string(512, '\0')).holds());
    EXPECT_FALSE(check(bundle_.file + bundle_.file).holds());
}

TEST_F(AlterationTest, GivenAStrangeFileWhenVerifiedThenItIsRefused) {
    for (const std::string& file : {std::string(), std::string("hello"), std::string(100'000, '\0'), std::string(100'000, '7')})
        EXPECT_FALSE(check(file).holds());
}

// --- by somebody who has the key --------------------------------------------------------------------------------------

TEST_F(AlterationTest, GivenAResealedBundleWhenNothingWasChangedThenItHolds) {
    EXPECT_TRUE(reseal([](auto&, Manifest&) {}).holds());
}

TEST_F(AlterationTest, GivenTheKeyWhenNamesLeadElsewhereOrStandTwiceThenTheManifestIsRefused) {
    for (const std::string name : {"../../etc/passwd", "/etc/passwd", "rules/x.yml", "certificates/../a.pem", "notes.txt"})
        EXPECT_THAT(faults_of(reseal([&](auto& contents, Manifest&) { contents[name] = "x"; })),
                    HasSubstr("a name that no member of this format has"))
            << name;
    std::string text = encode_manifest(bundle_.manifest);
    const auto first = text.find("{\"name\""), second = text.find("{\"name\"", first + 1);
    text.insert(first, text.substr(first, second - first));
    EXPECT_FALSE(decode_manifest(text));
}

TEST_F(AlterationTest, GivenTheKeyWhenAMemberIsLeftOutThenItIsMissed) {
    for (const MemberDigest& member : bundle_.manifest.members)
        EXPECT_FALSE(reseal([&](auto& contents, Manifest&) { contents.erase(member.name); }).holds()) << member.name;
}

TEST_F(AlterationTest, GivenTheKeyWhenASizeIsHugeThenItIsRefusedAtOnce) {
    Manifest manifest = bundle_.manifest;
    for (const std::uint64_t size : {std::uint64_t{1} << 40, static_cast<std::uint64_t>(INT64_MAX)}) {
        manifest.members.front().size = size;
        const std::string text = encode_manifest(manifest);
        const auto file = write_tar({{std::string(kManifestName), text}, {std::string(kSignatureName), *sign_manifest(text, key_)}});
        EXPECT_FALSE(check(*file).holds()) << size;
    }
}

TEST_F(AlterationTest, GivenTheKeyWhenALineIsRewrittenThenItsHashIsNotItsLeaf) {
    EXPECT_THAT(faults_of(reseal("events.jsonl", kStickLine, R"(\"is_storage\":null)")),
                HasSubstr("the line's hash is not its leaf"));
}

TEST_F(AlterationTest, GivenTheKeyWhenALineIsForgedWithItsLeafThenTheTerminalsSignatureIsMissed) {
    const auto report = reseal([&](auto& contents, Manifest&) {
        const std::string old = line_with("events.jsonl", kStickLine);
        EventEntry entry = *event_entry(old);
        entry.line->replace(entry.line->find("0951"), 4, "0952");
        const std::string leaf = to_hex(entry.leaf);
        entry.leaf = leaf_of(*entry.line);
        auto& events = contents.at("events.jsonl");
        events.replace(events.find(old), old.size(), write_json(to_record(entry)));
        auto& batches = contents.at("batches.jsonl");
        batches.replace(batches.find(leaf), leaf.size(), to_hex(entry.leaf));
    });
    EXPECT_THAT(faults_of(report), HasSubstr("its leaves do not lead to the head that is signed"));
    EXPECT_THAT(faults_of(report), HasSubstr("no sound batch"));
}

TEST_F(AlterationTest, GivenTheKeyWhenAnEvidenceLineIsLeftOutThenTheAlertHasNothingToRestOn) {
    const auto report = reseal([&](auto& contents, Manifest& manifest) {
        const std::string line = line_with("events.jsonl", "\"role\":\"evidence\"") + "\n";
        auto& events = contents.at("events.jsonl");
        events.erase(events.find(line), line.size());
        --manifest.events;
    });
    EXPECT_THAT(faults_of(report), HasSubstr("on which it rests, is not proven here"));
}

TEST_F(AlterationTest, GivenTheKeyWhenALineIsWithheldUnderAFalseReasonThenItIsRefused) {
    EXPECT_THAT(faults_of(reseal("events.jsonl", "\"withheld\":\"names_account\"", "\"withheld\":\"by_order\"")),
                HasSubstr("withheld for no reason that this form has"));
}

TEST_F(AlterationTest, GivenTheKeyWhenAnotherKeyIsPutInThenNobodyCertifiesTheBatch) {
    const SigningKey other = *SigningKey::generate();
    EXPECT_THAT(faults_of(reseal("keys.jsonl", terminal_.enrolled.public_key().base64(), other.public_key().base64())),
                HasSubstr("no key of T-1 certifies the key that signed it"));
}

TEST_F(AlterationTest, GivenTheKeyWhenTheKeyWasRevokedBeforeThenTheLineIsRefused) {
    EXPECT_THAT(faults_of(reseal("keys.jsonl", "\"revoked_at\":null", "\"revoked_at\":\"2020-01-01T00:00:00.000Z\"")),
                HasSubstr("received after its terminal's key was revoked"));
}

TEST_F(AlterationTest, GivenTheKeyWhenTheRulesTextIsAnotherThenItsNameTellsIt) {
    EXPECT_THAT(faults_of(reseal("rules/" + rule_version_ + ".yml", "high", "info")),
                HasSubstr("its hash is not the version that its name says"));
}

// A log with the same lines but one: re-sealed by somebody with the whole database.
TEST_F(AlterationTest, GivenTheKeyWhenTheLogIsAnotherThenEarlierHeadsDoNotAgree) {
    sallyport::testing::MemoryLog other("sallyport/CA0300000/1", key_);
    ASSERT_TRUE(database_.execute("UPDATE event SET leaf = zeroblob(32) WHERE ingest_id = " + std::to_string(lines_[0])));
    other.sign(database_, clock_.now());
    const auto report = reseal([&](auto& contents, Manifest& manifest) {
        auto& heads = contents.at("heads.jsonl");
        const auto last = heads.rfind('\n', heads.size() - 2) + 1;
        heads = heads.substr(0, last) + write_json(to_record(HeadEntry{"export", other.head().note, {}})) + "\n";
        manifest.log_root = other.head().head.root;
        manifest.log_size = other.head().head.size;
    });
    EXPECT_THAT(faults_of(report), HasSubstr("heads.jsonl: line 1"));
    EXPECT_THAT(faults_of(report), HasSubstr("events.jsonl: line 1"));
}

// Every byte of what terminals and log sealed, in a bundle sealed anew each time. What only the collector states is
// listed here, so that the list is looked at when it grows.
TEST_F(AlterationTest, GivenTheKeyWhenAnyByteOfWhatIsProvenIsAlteredThenItIsFound) {
    const std::set<std::string> stated = {"received_at", "shown"};
    const std::string line = line_with("events.jsonl", kStickLine);
    const Record fields = *read_json_record(line, {.bytes_max = 1 << 18, .depth_max = 10, .fields_max = 4096});
    for (const auto& [name, value] : fields) {
        if (stated.contains(name)) continue;
        const std::string part = "\"" + name + "\":" + write_json(value);
        for (std::size_t at = line.find(part); at < line.find(part) + part.size(); ++at) {
            std::string altered = line;
            altered[at] = static_cast<char>(altered[at] ^ 1);
            ASSERT_FALSE(reseal("events.jsonl", line, altered).holds()) << altered;
        }
    }
}

}  // namespace
}  // namespace sallyport::evidence
