// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "protocol/chain.hpp"
#include "tests/collector/ctl/control.hpp"

namespace sallyport::ctl {
namespace {

using ::testing::HasSubstr;

class EvidenceCommand : public sallyport::testing::Control {
protected:
    static std::string proof_of(int index) {
        const std::string hash = to_base64(leaf_of(""));
        return R"({"leafIdx":)" + std::to_string(index) + R"(,"treeSize":1,"root":")" + hash + R"(","leafHash":")" + hash +
               R"(","proof":null})";
    }
};

// Whoever checks has neither a store nor a configuration.
TEST_F(EvidenceCommand, GivenASingleProofThenItSaysWhatIsProvenAndElseEndsWithOne) {
    write("good.json", proof_of(0));
    write("bad.json", proof_of(1));
    const auto good = shell("'" SALLYPORTCTL "' evidence check-proof good.json");
    EXPECT_EQ(good.code, 0) << good.err;
    EXPECT_THAT(good.out, HasSubstr("good.json: proven: leaf 0 is in the tree of 1"));
    const auto bad = shell("'" SALLYPORTCTL "' evidence check-proof bad.json");
    EXPECT_EQ(bad.code, 1);
    EXPECT_THAT(bad.out, HasSubstr("bad.json: NOT proven: inclusion: leaf 1 is outside a tree of 1"));
}

TEST_F(EvidenceCommand, GivenNoFileThenTheCallIsWrong) {
    EXPECT_EQ(shell("'" SALLYPORTCTL "' evidence check-proof none.json").code, 2);
    EXPECT_EQ(shell("'" SALLYPORTCTL "' evidence check-proof").code, 2);
}

}  // namespace
}  // namespace sallyport::ctl
