// SPDX-License-Identifier: Apache-2.0
//
// The public vectors: transparency-dev's proofs, RFC 6962's constants, and a real Certificate Transparency log.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "collector/evidence/merkle_tree.hpp"
#include "collector/evidence/proof_file.hpp"
#include "protocol/chain.hpp"
#include "protocol/json.hpp"

namespace sallyport::evidence {
namespace {

const std::filesystem::path kVectors = std::filesystem::path(SALLYPORT_SOURCE_DIR) / ".." / "shared" / "vectors";

std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

Record json(const std::filesystem::path& file) {
    auto record = read_json_record(read(file), {.bytes_max = 1 << 20, .fields_max = 10'000});
    EXPECT_TRUE(record) << file << ": " << record.error().message();
    return record ? *record : Record();
}

std::string bytes_in_hex(std::string_view text) {
    auto bytes = from_hex(text);
    EXPECT_TRUE(bytes);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "";
}

class EvidenceVectors : public ::testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kVectors / "merkle"))
            GTEST_SKIP() << "SKIPPED: ../shared/vectors is absent";
    }
};

TEST_F(EvidenceVectors, GivenTheProofsOfTransparencyDevThenTheGoodVerifyAndNoOther) {
    int good = 0, bad = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(kVectors / "merkle")) {
        const std::string folder = entry.path().lexically_relative(kVectors / "merkle").begin()->string();
        if (!entry.is_regular_file() || (folder != "inclusion" && folder != "consistency"))
            continue;
        const std::string text = read(entry.path());
        const bool wanted = text.find("\"wantErr\": false") != std::string::npos;
        const auto checked = check_proof(text);
        EXPECT_TRUE(checked || checked.error().code() == Errc::refused) << entry.path() << ": a proof, if a bad one";
        EXPECT_EQ(checked.ok(), wanted) << entry.path() << ": " << (checked ? checked->sentence : checked.error().message());
        ++(wanted ? good : bad);
    }
    EXPECT_GT(good, 0);
    EXPECT_GT(bad, 50);
}

TEST_F(EvidenceVectors, GivenTheConstantsOfRfc6962ThenOurHashesAreTheSame) {
    const Record constants = json(kVectors / "merkle" / "rfc6962-constants.json");
    int checked = 0;
    for (const Value& element : *constants.find("cases")->as<List>()) {
        const Record& one = *element.as<Record>();
        const std::string_view operation = text_of(one, "op");
        if (operation == "empty")
            EXPECT_EQ(to_hex(empty_root()), text_of(one, "hex"));
        else if (operation == "leaf")
            EXPECT_EQ(to_hex(leaf_of(bytes_in_hex(text_of(one, "data_hex")))), text_of(one, "hex"));
        else
            continue;  // a node over data that are no hashes: checked by the roots below
        ++checked;
    }
    EXPECT_GE(checked, 3);
}

TEST_F(EvidenceVectors, GivenTheTreeOfEightThenEachRootIsTheStatedOne) {
    const Record tree = json(kVectors / "merkle" / "tree-of-8.json");
    const Record& roots = *tree.find("roots_hex")->as<Record>();
    TreeEdge edge;
    std::size_t checked = 0;
    for (const Value& leaf : *tree.find("leaf_data_hex")->as<List>()) {
        edge.append(leaf_of(bytes_in_hex(*leaf.as<std::string>())));
        const std::string_view stated = text_of(roots, std::to_string(edge.size()));
        if (stated.empty())
            continue;
        EXPECT_EQ(to_hex(edge.root()), stated) << edge.size();
        ++checked;
    }
    EXPECT_EQ(checked, roots.size());
}

TEST_F(EvidenceVectors, GivenARealLogThenItsProofsVerifyAndTheDamagedOnesDoNot) {
    std::ifstream cases(kVectors / "tlog" / "argon2020" / "cases.jsonl");
    int good = 0, bad = 0;
    for (std::string line; std::getline(cases, line);) {
        const bool wanted = line.find("\"wantErr\": false") != std::string::npos;
        const auto checked = check_proof(line);
        EXPECT_EQ(checked.ok(), wanted) << line.substr(0, 100) << (checked ? "" : ": " + checked.error().message());
        ++(wanted ? good : bad);
    }
    EXPECT_EQ(good, 2);
    EXPECT_GT(bad, 10);
}

// The tree head is signed as RFC 6962 section 3.5 says; the key, the leaf and the roots are the log's own.
TEST_F(EvidenceVectors, GivenARealLogThenItsTreeHeadIsSignedByItsKey) {
    const auto folder = kVectors / "tlog" / "argon2020";
    const Record head = json(folder / "sth.json"), log = json(folder / "log.json");
    auto key = PublicKey::from_base64(text_of(log, "public_key_der_base64"));
    auto id = from_base64(text_of(log, "log_id_base64"));
    auto root = from_base64(text_of(head, "sha256_root_hash"));
    auto signature = from_base64(text_of(head, "tree_head_signature"));
    ASSERT_TRUE(key && id && root && signature);
    EXPECT_EQ(to_hex(key->fingerprint()), to_hex(*id));
    Bytes message{0x00, 0x01};
    for (const char* field : {"timestamp", "tree_size"})
        for (int shift = 56; shift >= 0; shift -= 8)
            message.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(integer_of(head, field)) >> shift));
    message.insert(message.end(), root->begin(), root->end());
    ASSERT_GT(signature->size(), 4U);
    const Bytes der(signature->begin() + 4, signature->end());
    EXPECT_TRUE(key->verify(message, der));
    message.back() ^= 1U;
    EXPECT_FALSE(key->verify(message, der));
}

}  // namespace
}  // namespace sallyport::evidence
